/** What a query may cost at most: items that it can ask for, multiplied down its levels. */
import { GraphQLError, isListType, isNonNullType } from 'graphql';
import type { DocumentNode, GraphQLOutputType, GraphQLSchema } from 'graphql';
import { getComplexity } from 'graphql-query-complexity';
import type { ComplexityEstimator } from 'graphql-query-complexity';

const COST_LIMIT = 200_000;
/** Items of a list that is no page: hops of a trace, steps of a hop. */
const LIST_ITEMS = 4;

/** Throws when the query is too dear. */
export function checkCost(schema: GraphQLSchema, document: DocumentNode, variables: Record<string, unknown>): void {
  const cost = getComplexity({ schema, query: document, variables, estimators: [estimate] });
  if (cost > COST_LIMIT) {
    throw new GraphQLError(`the query may give ${cost} values; ${COST_LIMIT} are the most. Ask for smaller pages, or for less of each item`, { extensions: { code: 'QueryTooDear', cost, limit: COST_LIMIT } });
  }
}

/** A page's size counts at the field that has it, not again at its nodes and edges. */
const estimate: ComplexityEstimator = ({ args, field, childComplexity }) => {
  const size: unknown = args['last'] ?? args['first'];
  if (typeof size === 'number') return 1 + Math.max(1, size) * childComplexity;
  const isPaged = field.name === 'nodes' || field.name === 'edges';
  return 1 + (isList(field.type) && !isPaged ? LIST_ITEMS : 1) * childComplexity;
};

function isList(type: GraphQLOutputType): boolean {
  return isListType(isNonNullType(type) ? type.ofType : type);
}
