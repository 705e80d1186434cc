// Mutated bundles and scenarios: `npm run fuzz:input -- --seed N --count M [--keep DIR]` (tools/fuzz-input/main.ts).
import { join } from 'node:path';
import { withBundle } from './with-bundle.mjs';

const root = join(import.meta.dirname, '..');
process.exitCode = await withBundle({ main: join(root, 'tools/fuzz-input/main.ts'), worker: join(root, 'tools/fuzz-input/worker.ts') }, ({ main }, folder) =>
  main.main(process.argv.slice(2), { worker: join(folder, 'worker.mjs'), root: join(root, 'scenarios') }),
);
