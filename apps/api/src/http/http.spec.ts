import type { FastifyReply, FastifyRequest } from 'fastify';
import { mediaTypeOf, RequestsInFlight, waitOf } from './index.js';

const request = (headers: Record<string, string>): FastifyRequest => ({ headers, body: { a: 1 } }) as unknown as FastifyRequest;
const reply = { header: () => reply } as unknown as FastifyReply;

test('an Idempotency-Key whose request is being carried out is a conflict, and free again afterwards', async () => {
  const inFlight = new RequestsInFlight(String);
  let end: () => void = () => undefined;
  const first = inFlight.run('simulation', request({ 'idempotency-key': 'k' }), () => new Promise<string>((resolve) => (end = () => resolve('first'))));
  await expect(inFlight.run('simulation', request({ 'idempotency-key': '"k"' }), () => Promise.resolve('second'))).rejects.toMatchObject({ kind: 'request-in-flight', problem: { status: 409 }, retryAfter: 1 });
  await expect(inFlight.run('batch', request({ 'idempotency-key': 'k' }), () => Promise.resolve('of another kind'))).resolves.toBe('of another kind');
  end();
  await expect(first).resolves.toBe('first');
  await expect(inFlight.run('simulation', request({ 'idempotency-key': 'k' }), (idempotency) => Promise.resolve(idempotency))).resolves.toMatchObject({ key: 'k' });
});

test.each(['', '""', 'x'.repeat(256)])('no Idempotency-Key: %j', async (key) => {
  await expect(new RequestsInFlight(String).run('simulation', request({ 'idempotency-key': key }), () => Promise.resolve(1))).rejects.toMatchObject({ problem: { status: 400, errors: [{ word: 'Idempotency-Key' }] } });
});

test.each([
  { header: 'wait=10', seconds: 10 },
  { header: 'respond-async, wait=5', seconds: 5 },
  { header: 'wait = "7"; x=1', seconds: 7 },
  { header: 'wait=99999', seconds: 60 },
  { header: 'await=3', seconds: 0 },
  { header: 'wait=-1', seconds: 0 },
])('Prefer: $header', ({ header, seconds }) => {
  expect(waitOf(request({ prefer: header }), reply)).toBe(seconds);
});

test.each([
  { accept: 'text/markdown', type: 'text/markdown' },
  { accept: 'text/html, application/xml;q=0.9, */*;q=0.8', type: 'application/xml' },
  { accept: '*/*', type: 'application/json' },
  { accept: 'text/*', type: 'text/markdown' },
  { accept: 'application/json;q=0, text/markdown;q=0.1', type: 'text/markdown' },
])('Accept: $accept', ({ accept, type }) => {
  expect(mediaTypeOf(request({ accept }), ['application/json', 'application/xml', 'text/markdown'])).toBe(type);
});

test('Accept: what there is none of', () => {
  expect(() => mediaTypeOf(request({ accept: 'image/png' }), ['application/json'])).toThrow('Accept: none of application/json');
});
