/** What Prometheus asks: requests by route and status, jobs by what they do, and the process itself. */
import type { JobQueue } from '@worldline/application';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export class Metrics {
  readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: 'worldline_http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [this.registry],
  });

  constructor(queue: JobQueue) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'worldline_jobs',
      help: 'Jobs of the queue by what they do',
      labelNames: ['state'] as const,
      registers: [this.registry],
      async collect() {
        // A queue that is out of reach has no numbers; the rest is told all the same.
        const counts = await queue.counts().catch(() => null);
        this.reset();
        for (const [state, count] of Object.entries(counts ?? {})) this.set({ state }, count);
      },
    });
  }

  /** Routes by their pattern: ids in labels would make a series each. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      this.requests.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) }, reply.elapsedTime / 1000);
      done();
    });
  }
}
