/** GraphQL by Mercurius: the schema of contract/, one context for each operation, limits of depth and cost. */
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver } from '@nestjs/mercurius';
import type { MercuriusDriverConfig } from '@nestjs/mercurius';
import type { DynamicModule } from '@nestjs/common';
import { GRAPHQL_SCHEMA } from '@worldline/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { API_OPTIONS, BACKEND } from '../backend.js';
import type { ApiOptions, Backend } from '../backend.js';
import { createContext } from './context.js';
import { checkCost } from './cost.js';
import { depthRule } from './depth.js';
import { formatErrors } from './errors.js';
import { SCALARS } from './scalars.js';

export function graphqlModule(): DynamicModule {
  return GraphQLModule.forRootAsync<MercuriusDriverConfig>({
    driver: MercuriusDriver,
    inject: [BACKEND, API_OPTIONS],
    useFactory: (backend: Backend, { hasGraphiql }: ApiOptions): MercuriusDriverConfig => ({
      typeDefs: GRAPHQL_SCHEMA,
      resolvers: { ...SCALARS },
      graphiql: hasGraphiql,
      validationRules: [depthRule],
      context: (_request: FastifyRequest, reply: FastifyReply) => ({ reply, ...createContext(backend) }),
      hooks: { preExecution: (schema, document, _context, variables) => Promise.resolve(checkCost(schema, document, (variables ?? {}) as Record<string, unknown>)) },
      errorFormatter: (execution, context) => formatErrors({ ...execution, errors: execution.errors ?? [] }, (error) => logOf(context)?.error({ err: error }, 'query failed')) as ReturnType<NonNullable<MercuriusDriverConfig['errorFormatter']>>,
    }),
  });
}

function logOf(context: unknown): { error(facts: object, text: string): void } | undefined {
  return (context as { reply?: FastifyReply; app?: { log: FastifyReply['log'] } } | undefined)?.reply?.log;
}
