import { readCachedProjectGraph } from '@nx/devkit';

/** ESLint rule: fails where Nx has no project graph yet, because the boundary rule then passes everything in silence. */
export const projectGraph = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { missing: 'No project graph, so module boundaries are not checked: run `npx nx show projects` once, or `npm run lint`.' },
  },
  create(context) {
    return {
      Program(node) {
        if (!hasProjectGraph()) context.report({ node, messageId: 'missing' });
      },
    };
  },
};

let isFound = false;
function hasProjectGraph() {
  try {
    isFound ||= readCachedProjectGraph() !== null;
  } catch {
    // Reported above.
  }
  return isFound;
}
