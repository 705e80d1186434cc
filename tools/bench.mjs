// The benchmark: `npm run bench -- [--quick] [--n 10,1000,10000] [--rounds 5] [--load 10000] [--cpu 1] [--no-kernel]` (tools/bench/main.ts).
import { join } from 'node:path';
import { withBundle } from './with-bundle.mjs';

const root = join(import.meta.dirname, '..');
process.exitCode = await withBundle({ main: join(root, 'tools/bench/main.ts') }, ({ main }) => main.main(process.argv.slice(2), root));
