// Lints every fixture as if it stood where its first line says, with the repository's own configuration, and prints
// [{name, mustReport, reported}] as JSON. A process of its own: ESLint loads its configuration by import, which jest cannot.
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createProjectGraphAsync } from '@nx/devkit';
import { createProjectRootMappings } from '@nx/devkit/internal';
import { TargetProjectLocator } from '@nx/js/internal';
import { ESLint } from 'eslint';
import { LAYERS } from '../lint/layers.mjs';

const root = join(import.meta.dirname, '../..');
const folder = join(import.meta.dirname, 'fixtures');

const fixtures = readdirSync(folder).map((file) => {
  const [at, rule] = readFileSync(join(folder, file), 'utf8').split('\n');
  return {
    name: basename(file, '.txt').replaceAll('-', ' '),
    path: at.replace('// stands at: ', ''),
    mustReport: rule.replace('// must report: ', ''),
    text: readFileSync(join(folder, file), 'utf8'),
  };
});

await offerProjectGraph();
const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: [...new Set(fixtures.map(({ path }) => path))],
          maximumDefaultProjectFileMatchCount_THIS_WILL_SLOW_DOWN_LINTING: 100,
        },
      },
    },
  },
});
const results = [];
for (const { name, path, mustReport, text } of fixtures) {
  const [result] = await eslint.lintText(text, { filePath: join(root, path) });
  results.push({ name, mustReport, reported: result.messages.map(({ ruleId, message }) => ruleId ?? message) });
}
process.stdout.write(JSON.stringify(results));

/** The boundary rule takes the graph from here: the real one, and those projects of the design that have no code yet. */
async function offerProjectGraph() {
  process.env.NX_DAEMON = 'false';
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const nodes = { ...graph.nodes };
  for (const layer of Object.keys(LAYERS)) {
    const name = `@worldline/${layer}`;
    // An app exports nothing, but the rule has to know what is wrong with importing it.
    if (layer !== 'tools' && !nodes[name]?.data.metadata?.js?.packageExports) nodes[name] = plannedProject(layer);
  }
  globalThis.projectGraph = { ...graph, nodes };
  globalThis.projectRootMappings = createProjectRootMappings(nodes);
  globalThis.projectFileMap = {};
  globalThis.targetProjectLocator = new TargetProjectLocator(nodes, graph.externalNodes);
  process.argv[1] = join(root, 'node_modules/.bin/eslint'); // else the rule takes this for an editor and reads the graph from disk
}

function plannedProject(layer) {
  const isApp = ['api', 'worker', 'cli', 'web', 'e2e'].includes(layer);
  const runtime = { platform: 'node', api: 'node', worker: 'node', cli: 'node', e2e: 'node', web: 'browser' }[layer] ?? 'pure';
  const packageName = `@worldline/${layer}`;
  return {
    name: packageName,
    type: isApp ? 'app' : 'lib',
    data: {
      root: `${isApp ? 'apps' : 'libs'}/${layer}`,
      tags: [`layer:${layer}`, `runtime:${runtime}`],
      targets: {},
      metadata: { js: { packageName, packageExports: { '.': './src/index.ts' }, isInPackageManagerWorkspaces: true } },
    },
  };
}
