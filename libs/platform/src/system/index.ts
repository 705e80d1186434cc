/** What the core takes by argument, from this machine. */
import { createHash, randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Meter, Surroundings } from '@worldline/application';
import type { HashText } from '@worldline/model';

export const nodeHash: HashText = (content) => {
  const hash = createHash('sha256');
  for (const piece of typeof content === 'string' ? [content] : content) hash.update(piece);
  return hash.digest('hex');
};

export const nodeMeter: Meter = {
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  wallMs: () => performance.now(),
  peakRssMiB: () => process.resourceUsage().maxRSS / 1024,
};

export const nodeSurroundings: Surroundings = { now: () => new Date().toISOString(), newId: () => randomUUID() };
