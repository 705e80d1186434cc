/**
 * Subscriptions over WebSocket at `/graphql`, in the protocol of graphql-ws (`graphql-transport-ws`). The same schema, rules, limits and
 * errors as queries have; queries themselves go by HTTP.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { getOperationAST, GraphQLError, parse, specifiedRules, validate } from 'graphql';
import type { ExecutionArgs, GraphQLFormattedError } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols, makeServer } from 'graphql-ws';
import type { Server, SubscribePayload } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Backend } from '../backend.js';
import { createContext } from './context.js';
import { checkCost } from './cost.js';
import { depthRule } from './depth.js';
import { formatErrors } from './errors.js';

const PATH = '/graphql';
const CONNECTIONS_LIMIT = 500;
const SUBSCRIPTIONS_LIMIT = 50;
const MESSAGE_BYTES = 64 * 1024;
/** For saying hello; whoever does not is a port scanner. */
const GREETING_MS = 3_000;
const GOING_AWAY = 1001;
/** Lines that are quiet are asked whether somebody is there still. */
const SIGN_OF_LIFE_MS = 15_000;

/** Listens for WebSockets on the server that Fastify has, until it closes. */
export function serveSubscriptions(server: FastifyInstance, backend: Pick<Backend, 'stores' | 'replays'>): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES, handleProtocols });
  const logFault = (error: unknown): void => server.log.error({ err: error }, 'subscription failed');
  const formatted = (errors: readonly GraphQLError[]): readonly GraphQLFormattedError[] => formatErrors({ errors }, logFault).response.errors as readonly GraphQLFormattedError[];
  const protocol = makeServer({
    connectionInitWaitTimeout: GREETING_MS,
    onSubscribe: ({ subscriptions: open }, id, payload) => {
      // The one that is asked for is among them already.
      if (Object.keys(open).filter((one) => one !== id).length >= SUBSCRIPTIONS_LIMIT) return [new GraphQLError(`a connection has ${SUBSCRIPTIONS_LIMIT} subscriptions at most`, { extensions: { code: 'TooManySubscriptions' } })];
      return executionOf(payload, server, backend);
    },
    onError: (_, __, ___, errors) => formatted(errors),
    onNext: (_, __, ___, ____, { data, errors }) => (errors ? { data: data ?? null, errors: formatted(errors) } : undefined),
  });
  server.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const refusal = refusalOf(request, sockets.clients.size);
    if (refusal !== null) return void socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    sockets.handleUpgrade(request, socket, head, (client) => attend(client, protocol, logFault));
  });
  server.addHook('preClose', (done) => {
    for (const client of sockets.clients) client.close(GOING_AWAY);
    done();
  });
}

/** Joins a socket to the protocol, to the end of either. */
function attend(client: WebSocket, protocol: Server, logFault: (error: unknown) => void): void {
  const closed = protocol.opened(
    {
      protocol: client.protocol,
      send: (text) => new Promise((resolve, reject) => client.send(text, (error) => (error ? reject(error) : resolve()))),
      close: (code, reason) => client.close(code, reason),
      onMessage: (receive) =>
        client.on('message', (bytes: Buffer) => {
          receive(bytes.toString()).catch((error: unknown) => {
            // A line that broke while something was said is no fault.
            if (client.readyState === client.OPEN) logFault(error);
            client.close(CloseCode.InternalServerError, 'Internal server error');
          });
        }),
    },
    undefined,
  );
  let isAlive = true;
  const pulse = setInterval(() => {
    if (!isAlive) return client.terminate();
    isAlive = false;
    client.ping();
  }, SIGN_OF_LIFE_MS);
  client.on('pong', () => (isAlive = true));
  // A frame that is too large, or none at all, ends the connection with a code; it is no fault of ours.
  client.on('error', () => undefined);
  client.on('close', (code, reason) => {
    clearInterval(pulse);
    closed(code, reason.toString()).catch(logFault);
  });
}

function executionOf({ query, variables, operationName }: SubscribePayload, { graphql: { schema } }: FastifyInstance, backend: Pick<Backend, 'stores' | 'replays'>): ExecutionArgs | readonly GraphQLError[] {
  try {
    const document = parse(query);
    const faults = validate(schema, document, [...specifiedRules, depthRule]);
    if (faults.length > 0) return faults;
    if (getOperationAST(document, operationName)?.operation !== 'subscription') return [new GraphQLError('only subscriptions go by WebSocket; post queries to /graphql', { extensions: { code: 'NotASubscription' } })];
    checkCost(schema, document, variables ?? {});
    return { schema, document, contextValue: createContext(backend), variableValues: variables ?? null, operationName: operationName ?? null };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

/** Pages of other sites may open a WebSocket to anywhere; only our own are answered. Programs send no Origin. */
function refusalOf({ url = '', headers }: IncomingMessage, connections: number): string | null {
  if (url.split('?', 1)[0] !== PATH) return '404 Not Found';
  if (connections >= CONNECTIONS_LIMIT) return '503 Service Unavailable\r\nRetry-After: 5';
  const { origin, host, 'sec-websocket-protocol': offered = '' } = headers;
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)) return '403 Forbidden';
  if (!offered.split(',').some((one) => one.trim() === GRAPHQL_TRANSPORT_WS_PROTOCOL)) return `400 Bad Request\r\nSec-WebSocket-Protocol: ${GRAPHQL_TRANSPORT_WS_PROTOCOL}`;
  return null;
}
