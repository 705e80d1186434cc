// Runs random mixes with the cache and without: `npm run fuzz:cache -- --seed N --count M`.
import { runBundled } from './bundled.mjs';

process.exitCode = await runBundled('cache/fuzz.ts', process.argv.slice(2));
