/** Puts the HTTP process together: parsers and limits, problems, resources, documentation, explorer. It does not listen yet. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import { ARCHIVE_MEDIA_TYPES, openApiDocument } from '@worldline/contract';
import type { FastifyInstance } from 'fastify';
import { AppModule } from './app.module.js';
import type { ApiOptions, Backend } from './backend.js';
import { serveExplorer } from './explorer/index.js';
import { serveSubscriptions } from './graphql/index.js';
import { addBodyParsers, answerError, DEFAULT_BODY_LIMITS, methodsOf, notFound, ProblemException, ProblemFilter } from './http/index.js';
import { Metrics } from './operation/index.js';

export const DEFAULT_API_OPTIONS: ApiOptions = { limits: DEFAULT_BODY_LIMITS, explorer: null, hasGraphiql: false, log: false };

/** Nest sets its error handler after the routes, where it no longer counts; ours stands before them. */
class ApiAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.getInstance();
  }
}

export async function createApp(backend: Backend, options: ApiOptions = DEFAULT_API_OPTIONS): Promise<NestFastifyApplication> {
  const adapter = new ApiAdapter({ logger: options.log === false ? false : { ...options.log, stream: process.stderr }, forceCloseConnections: true, routerOptions: { maxParamLength: 200 } });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.on(backend, options), adapter, { bodyParser: false, logger: options.log === false ? false : ['error', 'warn'] });
  const server = adapter.getInstance() as unknown as FastifyInstance;
  server.setErrorHandler(answerError);
  addBodyParsers(server, options.limits);
  refuseArchivesElsewhere(server);
  app.get(Metrics).watch(server);
  app.useGlobalFilters(new ProblemFilter());
  server.addHook('onSend', (_request, reply, payload, done) => {
    void reply.header('x-content-type-options', 'nosniff');
    done(null, payload);
  });
  // Swagger UI over our own document: controllers carry no annotations, contract/ is what they are checked by.
  SwaggerModule.setup('docs', app, openApiDocument(backend.engineVersion) as unknown as Parameters<typeof SwaggerModule.setup>[2], { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'Worldline API' });
  await app.init();
  server.options('/*', (request, reply) => {
    const methods = methodsOf(request.url.split('?', 1)[0] as string);
    if (methods.length === 0) throw notFound('resource', request.url);
    return reply.status(204).header('allow', methods.join(', ')).send();
  });
  await serveExplorer(server, options.explorer);
  serveSubscriptions(server, backend);
  await server.ready();
  return app;
}

/** Before a byte of the body is read. */
function refuseArchivesElsewhere(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const isArchive = (ARCHIVE_MEDIA_TYPES as readonly string[]).includes(type);
    done(isArchive && request.routeOptions.url !== '/snapshots' ? new ProblemException('unsupported-media-type', { detail: 'this takes application/json', errors: [{ code: 'UnsupportedMediaType', detail: `Content-Type: ${type} is not taken here`, word: type }] }) : undefined);
  });
}
