/** Who may import whom, by layer tag. `testkit` is open to the specs of every layer that it does not stand on. */
export const LAYERS = {
  model: [],
  language: ['model'],
  snapshot: ['model', 'language'],
  cluster: ['model', 'language'],
  kernel: ['model', 'language'],
  analysis: ['model', 'language'],
  contract: ['model'],
  testkit: ['model'],
  application: ['model', 'language', 'snapshot', 'cluster', 'kernel', 'analysis'],
  platform: ['application', 'language', 'model'],
  api: ['application', 'platform', 'contract', 'model'],
  worker: ['application', 'platform', 'model'],
  cli: ['application', 'platform', 'snapshot', 'analysis', 'contract', 'language', 'model'],
  web: ['analysis', 'contract', 'model'],
  e2e: ['contract', 'model', 'testkit'],
  tools: ['model', 'language', 'snapshot', 'cluster', 'kernel', 'analysis', 'contract', 'testkit', 'application', 'platform', 'api', 'worker', 'cli', 'web', 'e2e'],
};

/** What a project may run on, by runtime tag: `pure` code runs anywhere. */
export const RUNTIMES = {
  pure: ['pure'],
  node: ['node', 'pure'],
  browser: ['browser', 'pure'],
};

/** Layers that are pure computation: no Node built-ins, clocks, timers, randomness or console. */
export const CORE_LAYERS = ['model', 'language', 'snapshot', 'cluster', 'kernel', 'analysis', 'application'];

/** Layers without any package from outside. */
export const LAYERS_WITHOUT_PACKAGES = ['model', 'language', 'kernel', 'analysis'];

/** Constraints for @nx/enforce-module-boundaries. */
export function boundaries({ isSpec }) {
  const layers = Object.entries(LAYERS).map(([layer, allowed]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: [layer, ...allowed, ...(isSpec && layer !== 'model' ? ['testkit'] : [])].map((name) => `layer:${name}`),
    ...(LAYERS_WITHOUT_PACKAGES.includes(layer) && !isSpec ? { bannedExternalImports: ['*'] } : {}),
  }));
  const runtimes = Object.entries(RUNTIMES).map(([runtime, allowed]) => ({
    sourceTag: `runtime:${runtime}`,
    onlyDependOnLibsWithTags: allowed.map((name) => `runtime:${name}`),
  }));
  return [...layers, ...runtimes];
}
