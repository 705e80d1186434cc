import { gzipSync } from 'node:zlib';
import { caseFiles, runApp, tar, tarGz } from '../testing/index.js';
import type { RunningApp } from '../testing/index.js';

const files = caseFiles('udp-blackhole');
const gzip = { 'content-type': 'application/gzip' };
let running: RunningApp;
beforeAll(async () => {
  running = await runApp({ isIdle: true, limits: { jsonBytes: 2 * 1024 ** 2, archiveBytes: 1024 ** 2 } });
});
afterAll(() => running.close());

test('the same content is the same snapshot, as JSON and as archive, with and without a folder around it', async () => {
  const inFolder = Object.fromEntries(Object.entries(files).map(([path, text]) => [`bundle/${path}`, text]));
  const answers = [
    await running.inject('POST', '/snapshots', { body: { files } }),
    await running.inject('POST', '/snapshots', { body: tarGz(files), headers: gzip }),
    await running.inject('POST', '/snapshots', { body: tarGz(inFolder), headers: gzip }),
    await running.inject('POST', '/snapshots', { body: tar(Object.entries(files).map(([name, content]) => ({ name, content }))), headers: { 'content-type': 'application/x-tar' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  const [first] = answers.map((answer) => answer.json() as unknown as { digest: string; machines: string[] });
  expect(new Set(answers.map((answer) => answer.json()['digest'])).size).toBe(1);
  expect(first?.machines).toContain('node/n1');
  expect(answers[0]?.headers['location']).toBe(`/snapshots/${first?.digest}`);
  expect((await running.inject('GET', `/snapshots/${first?.digest}`)).json()).toMatchObject({ digest: first?.digest });
});

const rows = [
  { name: 'an archive that climbs out', body: gzipSync(tar([{ name: '../../etc/passwd', content: 'x' }])), headers: gzip, status: 422, code: 'UnsafePath' },
  { name: 'an archive with a link', body: gzipSync(tar([{ name: 'nodes', content: '', type: '2', link: '/etc' }])), headers: gzip, status: 422, code: 'ArchiveLink' },
  { name: 'a broken archive', body: tarGz(files).subarray(0, 500), headers: gzip, status: 422, code: 'BrokenArchive' },
  { name: 'no archive at all', body: Buffer.from('hello'), headers: gzip, status: 422, code: 'UnknownArchive' },
  { name: 'an archive that is too large', body: Buffer.alloc(1024 ** 2 + 1), headers: gzip, status: 413, code: 'BodyTooLarge' },
  { name: 'JSON that is too large', body: { files: { 'cluster.yaml': 'x'.repeat(2 * 1024 ** 2) } }, headers: {}, status: 413, code: 'BodyTooLarge' },
  { name: 'a path that climbs', body: { files: { 'nodes/../../x': '' } }, headers: {}, status: 422, code: 'InvalidValue', pointer: '#/files/nodes~1..~1..~1x' },
  { name: 'an unknown field', body: { files: {}, folder: 1 }, headers: {}, status: 422, code: 'UnknownField', pointer: '#/folder' },
  { name: 'broken JSON', body: '{"files": {', headers: {}, status: 400, code: 'MalformedBody', pointer: '#' },
  { name: 'poisoned JSON', body: '{"__proto__": {"x": 1}}', headers: {}, status: 400, code: 'MalformedBody', pointer: '#' },
  { name: 'JSON without a bottom', body: '['.repeat(100_000), headers: {}, status: 400, code: 'MalformedBody', pointer: '#' },
  { name: 'another form', body: Buffer.from('<a/>'), headers: { 'content-type': 'text/xml' }, status: 415, code: 'UnsupportedMediaType' },
  { name: 'a line that is a whole file', body: { files: { 'nodes/n1/sysctl.txt': 'x'.repeat(1024 ** 2) } }, headers: {}, status: 422, code: 'BrokenLine', file: 'nodes/n1/sysctl.txt', line: 1 },
  { name: 'a file that cannot be read', body: { files: { 'nodes/n1/ip-addr.json': '{"a": ' } }, headers: {}, status: 422, file: 'nodes/n1/ip-addr.json' },
];

test.each(rows)('refused: $name', async ({ body, headers, status, name: _, ...error }) => {
  const answer = await running.inject('POST', '/snapshots', { body, headers });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json()).toMatchObject({ status, instance: '/snapshots', errors: [error] });
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/node_modules|\.ts:|\n\s+at /);
});

test('an archive that unpacks to more than there may be is refused, and the service goes on', async () => {
  // 300 KiB that are 300 MiB: more than a bundle of text ever shrinks.
  const bomb = gzipSync(tar([{ name: 'nodes/n1/sysctl.txt', content: Buffer.alloc(300 * 1024 ** 2, 10) }]));
  const answer = await running.inject('POST', '/snapshots', { body: bomb, headers: gzip });
  expect([413, 422]).toContain(answer.status);
  expect((await running.inject('GET', '/health/ready')).status).toBe(200);
});

test('a stored bundle comes back as an archive of the same snapshot', async () => {
  const { digest } = (await running.inject('POST', '/snapshots', { body: { files } })).json() as unknown as { digest: string };
  const archive = await running.inject('GET', `/snapshots/${digest}`, { headers: { accept: 'application/gzip' } });
  expect([archive.status, archive.headers['content-type']]).toEqual([200, 'application/gzip']);
  expect((await running.inject('POST', '/snapshots', { body: archive.bytes, headers: gzip })).json()).toMatchObject({ digest });
});

test('an unknown digest is a 404 that names it', async () => {
  const answer = await running.inject('GET', '/snapshots/sha256:1');
  expect(answer.json()).toMatchObject({ type: '/problems/not-found', status: 404, errors: [{ code: 'UnknownSnapshot', word: 'sha256:1' }] });
});
