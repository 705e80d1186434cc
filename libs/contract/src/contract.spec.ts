import { createBatchSchema, createSimulationSchema, fieldErrors, openApiDocument, problemOf, ROUTES } from './index.js';
import type { Route } from './index.js';

const digest = `sha256:${'0'.repeat(64)}`;
const scenario = { flows: [] };

const bodies = [
  { name: 'unknown field', body: { snapshot: digest, scenario, colour: 1 }, errors: [{ code: 'UnknownField', pointer: '#/colour', word: 'colour' }] },
  { name: 'unknown field inside', body: { topology: { files: {}, nodes: 3 }, scenario }, errors: [{ code: 'UnknownField', pointer: '#/topology/nodes', word: 'nodes' }] },
  { name: 'missing field', body: { snapshot: digest }, errors: [{ code: 'MissingField', pointer: '#/scenario' }] },
  { name: 'another type', body: { snapshot: digest, scenario, seed: 'one' }, errors: [{ code: 'InvalidType', pointer: '#/seed' }] },
  { name: 'a word that is none', body: { snapshot: digest, scenario, mode: 'quick' }, errors: [{ code: 'InvalidValue', pointer: '#/mode' }] },
  { name: 'no digest', body: { snapshot: 'prod.tar.gz', scenario }, errors: [{ code: 'InvalidValue', pointer: '#/snapshot' }] },
  { name: 'neither snapshot nor topology', body: { scenario }, errors: [{ code: 'InvalidValue', pointer: '#/snapshot' }] },
  { name: 'both', body: { snapshot: digest, topology: { files: {} }, scenario }, errors: [{ code: 'InvalidValue', pointer: '#/topology' }] },
  { name: 'a file that is no text', body: { topology: { files: { 'a/b~c': 1 } }, scenario }, errors: [{ code: 'InvalidType', pointer: '#/topology/files/a~1b~0c' }] },
  { name: 'a path that climbs', body: { topology: { files: { 'nodes/../../x': '' } }, scenario }, errors: [{ code: 'InvalidValue', pointer: '#/topology/files/nodes~1..~1..~1x' }] },
  { name: 'a path from the root', body: { topology: { files: { '/etc/passwd': '' } }, scenario }, errors: [{ code: 'InvalidValue', pointer: '#/topology/files/~1etc~1passwd' }] },
  { name: 'a Windows path', body: { topology: { files: { 'nodes\\n1': '' } }, scenario }, errors: [{ code: 'InvalidValue' }] },
  { name: 'several', body: { seed: -1, x: 1 }, errors: [{ pointer: '#/scenario' }, { pointer: '#/seed' }, { pointer: '#/x' }] },
  { name: 'no object', body: [], errors: [{ code: 'InvalidType', pointer: '#' }] },
];

test.each(bodies)('a simulation is refused by name: $name', ({ body, errors }) => {
  const { error } = createSimulationSchema.safeParse(body);
  expect(fieldErrors(error?.issues ?? [])).toEqual(errors.map((one) => expect.objectContaining(one)));
});

test('fields of a variant are known too', () => {
  const { error } = createBatchSchema.safeParse({ base: { simulation: 's' }, variants: [{ name: 'v', colour: {} }] });
  expect(fieldErrors(error?.issues ?? [])).toEqual([{ code: 'UnknownField', detail: "'colour' is not a field of variants.0", pointer: '#/variants/0/colour', word: 'colour' }]);
});

test('a body of nothing but mistakes gets a short answer', () => {
  const files = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i]));
  const errors = fieldErrors(createSimulationSchema.safeParse({ topology: { files }, scenario }).error?.issues ?? []);
  expect(errors).toHaveLength(101);
  expect(errors.at(-1)).toEqual({ code: 'MoreErrors', detail: 'and 400 more, which are left unsaid' });
});

test('a problem says its type, title and status', () => {
  expect(problemOf('not-found', { detail: 'no simulation x', instance: '/simulations/x' })).toEqual({
    type: '/problems/not-found',
    title: 'There is no such thing',
    status: 404,
    detail: 'no simulation x',
    instance: '/simulations/x',
    errors: [],
  });
});

test('every operation stands in the OpenAPI document, and every reference leads somewhere', () => {
  const document = openApiDocument('0.1.0');
  for (const { path, method, operation } of ROUTES as readonly Route[]) expect(document.paths[path]?.[method]).toMatchObject({ operationId: operation });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name as string);
  expect(references).toContain('Simulation');
  for (const name of references) expect(document.components.schemas).toHaveProperty(name);
  expect(document.components.schemas['CreateSimulation']).toMatchObject({ type: 'object', additionalProperties: false, required: ['scenario'] });
});
