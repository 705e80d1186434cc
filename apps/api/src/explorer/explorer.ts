/**
 * The explorer's files at `/`. It is one page that reads its own address, so every address that is no file and no part of the API gets
 * that page; a mistyped address of the API must not, or a program would be given HTML for an answer, nor a file that is not there: a page
 * that is open since before an update would take the HTML for a script.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { answerUnrouted } from '../http/index.js';

const OF_THE_API = /^\/(api|graphql|graphiql|health|metrics|openapi\.json|docs|snapshots|simulations|comparisons|batches)(\/|$)/;
const OF_A_FILE = /^\/assets(\/|$)|^(?!\/explorer\/).*\.\w+$/;

export async function serveExplorer(server: FastifyInstance, folder: string | null): Promise<void> {
  const isBuilt = folder !== null && existsSync(join(folder, 'index.html'));
  // Names of built files carry a digest of their content; the page itself must be asked for anew.
  if (isBuilt) await server.register(fastifyStatic, { root: folder, wildcard: false, maxAge: '1h', immutable: false, index: ['index.html'] });
  server.get('/*', (request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    if (isBuilt && !OF_THE_API.test(path) && !OF_A_FILE.test(path)) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    return answerUnrouted(request, reply);
  });
}
