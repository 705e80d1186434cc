/** How deep a query may be: fields in fields, through fragments. A validation rule, for queries and subscriptions alike. */
import { GraphQLError, Kind } from 'graphql';
import type { ASTVisitor, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode, ValidationContext } from 'graphql';

const DEPTH_LIMIT = 20;

/** Reports operations that are deeper than the limit. */
export function depthRule(context: ValidationContext): ASTVisitor {
  const known = new Map<string, number>();
  return {
    OperationDefinition(node: OperationDefinitionNode) {
      const depth = depthOf(node.selectionSet);
      if (depth > DEPTH_LIMIT) context.reportError(new GraphQLError(`the query has a depth of ${depth}; ${DEPTH_LIMIT} is the most`, { nodes: [node], extensions: { code: 'QueryTooDeep', limit: DEPTH_LIMIT } }));
      return false;
    },
    FragmentDefinition: () => false,
  };

  function depthOf(set: SelectionSetNode | undefined): number {
    let deepest = 0;
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) deepest = Math.max(deepest, 1 + depthOf(selection.selectionSet));
      else if (selection.kind === Kind.INLINE_FRAGMENT) deepest = Math.max(deepest, depthOf(selection.selectionSet));
      else deepest = Math.max(deepest, depthOfFragment(context.getFragment(selection.name.value)));
    }
    return deepest;
  }

  function depthOfFragment(fragment: FragmentDefinitionNode | null | undefined): number {
    if (!fragment) return 0;
    const name = fragment.name.value;
    const found = known.get(name);
    if (found !== undefined) return found;
    // A fragment inside itself is another rule's to report; here it must only come to an end.
    known.set(name, 0);
    const depth = depthOf(fragment.selectionSet);
    known.set(name, depth);
    return depth;
  }
}
