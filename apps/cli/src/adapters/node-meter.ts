import { performance } from 'node:perf_hooks';
import type { Meter } from '@worldline/application';

export const nodeMeter: Meter = {
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  wallMs: () => performance.now(),
  peakRssMiB: () => process.resourceUsage().maxRSS / 1024,
};
