import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { HealthAnswer } from '@worldline/contract';
import type { FastifyReply } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';

/** A store that has not answered by then is down for who waits for it. */
const CHECK_TIMEOUT_MS = 2_000;

@Controller('health')
export class HealthController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Get('live')
  live(): HealthAnswer {
    return { status: 'up', checks: {} };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthAnswer> {
    const { stores, queue } = this.backend;
    const [store, jobs] = await Promise.all([check(() => stores.simulations.get(['ready'])), check(() => queue.counts())]);
    const status = store.status === 'up' && jobs.status === 'up' ? 'up' : 'down';
    if (status === 'down') void reply.status(503).header('retry-after', '5');
    return { status, checks: { store, queue: jobs } };
  }
}

async function check(ask: () => Promise<unknown>): Promise<HealthAnswer['checks'][string]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), CHECK_TIMEOUT_MS);
  });
  try {
    const first = await Promise.race([ask(), late]);
    return first === 'late' ? { status: 'down', detail: `no answer within ${CHECK_TIMEOUT_MS} ms` } : { status: 'up' };
  } catch {
    return { status: 'down', detail: 'cannot be reached' };
  } finally {
    clearTimeout(timer);
  }
}
