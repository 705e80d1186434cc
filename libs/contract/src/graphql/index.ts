export { DIMENSIONS, GRAPHQL_SCHEMA, HOOKS } from './schema.js';
export type { Dimension } from './schema.js';
