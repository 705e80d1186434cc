import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql';
import { parseDuration } from '@worldline/model';

const LONG = /^-?\d{1,19}$/;

/** The scalars of the schema that GraphQL has not itself. */
export const SCALARS = {
  DateTime: new GraphQLScalarType<string, string>({ name: 'DateTime', serialize: String, parseValue: textOf('DateTime') }),
  /** Kept as written; it is read where it is used. */
  Duration: new GraphQLScalarType<string, string>({
    name: 'Duration',
    serialize: String,
    parseValue: (value) => {
      const text = textOf('Duration')(value);
      if (parseDuration(text) === null) throw new GraphQLError(`'${text}' is no duration such as 700ms`);
      return text;
    },
  }),
  Long: new GraphQLScalarType<string, string>({
    name: 'Long',
    serialize: String,
    parseValue: (value) => {
      if ((typeof value === 'string' || typeof value === 'number') && LONG.test(String(value))) return String(value);
      throw new GraphQLError('a Long is a whole number, as a string');
    },
    parseLiteral: (node) => {
      if (node.kind === Kind.INT || (node.kind === Kind.STRING && LONG.test(node.value))) return node.value;
      throw new GraphQLError('a Long is a whole number, as a string');
    },
  }),
  JSON: new GraphQLScalarType<unknown, unknown>({ name: 'JSON', serialize: (value) => value, parseValue: (value) => value, parseLiteral: (node, variables) => valueFromASTUntyped(node, variables) }),
};

function textOf(type: string): (value: unknown) => string {
  return (value) => {
    if (typeof value === 'string') return value;
    throw new GraphQLError(`a ${type} is a string`);
  };
}
