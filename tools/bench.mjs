// The benchmark: `npm run bench -- [--quick] [--n 10,1000,10000] [--rounds 5] [--load 10000] [--cpu 1] [--no-kernel]` (tools/bench/main.ts).
import { join } from 'node:path';
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('bench/main.ts', process.argv.slice(2), join(import.meta.dirname, '..'));
