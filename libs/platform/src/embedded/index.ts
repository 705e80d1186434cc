export { diesWithUs, freePort, startPostgres } from './postgres-server.js';
export type { PostgresServer, PostgresServerOptions } from './postgres-server.js';
export { canReach, serverUser } from './server-user.js';
export { startRedis } from './redis-server.js';
export type { RedisServer } from './redis-server.js';
