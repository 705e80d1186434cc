import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// In development the service answers what the explorer asks; only a browser's own page loads are the explorer's.
const service = process.env.WORLDLINE_URL ?? 'http://127.0.0.1:8080';
const ANSWERED_BY_SERVICE = ['/graphql', '/simulations', '/snapshots', '/comparisons', '/batches', '/docs', '/openapi.json'];

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['@worldline/source', 'module', 'browser', 'development|production'] },
  server: { proxy: Object.fromEntries(ANSWERED_BY_SERVICE.map((path) => [path, { target: service, changeOrigin: true }])) },
  // The layout engine is one worker of 1.5 MB that is loaded when a topology is first drawn.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1700, assetsInlineLimit: 0 },
});
