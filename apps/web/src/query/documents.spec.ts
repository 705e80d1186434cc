import { GRAPHQL_SCHEMA } from '@worldline/contract';
import { buildSchema, parse, validate } from 'graphql';
import * as documents from './documents.js';

test.each(Object.entries(documents))('%s is a question of the schema', (_, document) => {
  expect(validate(buildSchema(GRAPHQL_SCHEMA), parse(document))).toEqual([]);
});
