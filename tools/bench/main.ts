/**
 * `npm run bench`: what the engine costs, and where it can be measured the real kernel beside it, in turn on one core. Costs are CPU time: the engine's of the
 * run phase of `--stats`, a large scenario less a small one, so that start, loading and warming cancel out. A ratio is kernel over engine, against the
 * faster of iptables legacy and nft; each line is the median of its rounds.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { established, fresh, writeBundle, writeChanges, writeScenario } from './bundle';
import { Engine, type EngineStats } from './engine';
import { BACKENDS, RealKernel, whyNoKernel, type Backend, type Flood } from './real-kernel';
import { iptablesSave, partialSync, service, services, type Service } from './rules';
import { median, span, table, type Bar } from './table';

interface Setting {
  readonly engine: Engine;
  readonly kernel: RealKernel | null;
  readonly work: string;
  readonly rounds: number;
  /** Packets of a large scenario, and of a large flood. */
  readonly scale: number;
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  n: { type: 'string' },
  rounds: { type: 'string' },
  load: { type: 'string' },
  cpu: { type: 'string', default: '1' },
  'no-kernel': { type: 'boolean', default: false },
} as const;

export async function main(args: readonly string[], root: string): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const sizes = (values.n ?? (values.quick ? '10,1000' : '10,1000,10000')).split(',').map(Number);
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  const load = Number(values.load ?? (values.quick ? 1000 : 10_000));
  const cpu = Number(values.cpu);
  if (![...sizes, rounds, load].every((n) => Number.isInteger(n) && n > 0) || !Number.isInteger(cpu)) {
    process.stderr.write('bench: --n, --rounds, --load and --cpu take whole numbers\n');
    return 2;
  }
  const whyNot = values['no-kernel'] ? 'it was not asked for' : whyNoKernel();
  const work = mkdtempSync(join(tmpdir(), 'worldline-bench-'));
  const kernel = whyNot === null ? new RealKernel(root, work, cpu) : null;
  const setting = { engine: new Engine(root, work, cpu), kernel, work, rounds, scale: values.quick ? 0.2 : 1 };
  const stop = (): void => {
    kernel?.down();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const bars: Bar[] = [];
    const newFlows = new Map<number, readonly number[]>();
    for (const n of sizes) bars.push(...(await traffic(setting, n, newFlows)));
    const [few, many] = [newFlows.get(sizes[0] as number) ?? [], newFlows.get(sizes.at(-1) as number) ?? []];
    if (sizes.length > 1) bars.push(bar(`new flow at ${sizes.at(-1)} over ${sizes[0]} services`, 1.3, 2, many.map((cost, i) => cost / (few[i] ?? NaN)), `${span(many)} ns over ${span(few)} ns`));
    bars.push(...loading(setting, load), changing(setting, load), ...memory(setting, sizes[0] as number));
    process.stdout.write(`${values.quick ? 'A first look: what a program costs while it is new weighs more than in the long run. ' : ''}${kernel ? 'The real kernel beside it' : `Without the real kernel: ${whyNot ?? ''}`}; CPU time, core ${cpu}, ${rounds} rounds.\n\n${table(bars)}`);
    return 0;
  } finally {
    kernel?.down();
    rmSync(work, { recursive: true, force: true });
  }
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}

function bar(name: string, goal: number, floor: number, values: readonly number[], detail: string, unit = ''): Bar {
  return { name, goal, floor, isRatio: false, unit, values, detail };
}

interface Load {
  readonly name: string;
  readonly options: readonly string[];
  readonly goal: number;
  readonly floor: number;
  readonly packets: number;
  scenario(packets: number): string;
  readonly flood: Flood;
}

function loadsOf(n: number, scale: number): Load[] {
  const size = (packets: number): number => Math.max(512, Math.round(packets * scale));
  const floods = size(n >= 10_000 ? 3000 : n >= 1000 ? 20_000 : 60_000);
  const goals: Readonly<Record<number, readonly [number, number]>> = { 10: [10, 5], 1000: [20, 8], 10000: [200, 70] };
  const [goal, floor] = goals[n] ?? [10, 5];
  const many = n >= 5000 ? 5000 : 20_000;
  const est = (name: string, flows: number, packets: number, options: readonly string[], bounds: readonly [number, number]): Load => ({
    name: `established, ${name}, ${n} services`,
    options,
    goal: bounds[0],
    floor: bounds[1],
    packets: Math.max(size(packets), 4 * flows),
    scenario: (count) => established('est', { flows, packets: count, count: n }),
    flood: { services: n, isRandom: false, flows, packets: Math.max(size(150_000), 2 * flows) },
  });
  return [
    est('every rule, 64 flows', 64, 400_000, ['--no-cache'], [25, 12]),
    est('caches on, 64 flows', 64, 10_000_000, [], [200, 100]),
    est(`caches on, ${many} flows`, many, 10_000_000, [], [150, 80]),
    { name: `new flows, ${n} services`, options: [], goal, floor, packets: size(100_000), scenario: (flows) => fresh('new', { flows, count: n }), flood: { services: n, isRandom: true, flows: floods, packets: floods } },
  ];
}

/** Traffic on nodes of `n` services. */
async function traffic({ engine, kernel, work, rounds, scale }: Setting, n: number, newFlows: Map<number, readonly number[]>): Promise<Bar[]> {
  const folder = join(work, `n${n}`);
  const all = services(n, 3, 10);
  writeBundle(join(folder, 'snapshot'), all);
  const rules = iptablesSave(all);
  const loads = loadsOf(n, scale).map((load, i) => {
    const small = load.flood.flows < load.flood.packets ? load.flood.flows : 64;
    return { load, small, base: writeScenario(folder, `base-${i}`, load.scenario(small)), full: writeScenario(folder, `full-${i}`, load.scenario(load.packets)), own: [] as number[], beside: [] as number[] };
  });
  const kernelNs = new Map<string, (number | null)[]>();
  for (const backend of kernel ? BACKENDS : [null]) {
    if (backend !== null) kernel?.up();
    if (backend !== null) kernel?.load(backend, rules);
    for (let round = 0; round < rounds; round++) {
      for (const one of loads) {
        say(`${n} services, ${backend ?? 'engine only'}, round ${round + 1}: ${one.load.name}`);
        if (backend !== null && kernel) (kernelNs.get(key(one.load, backend)) ?? kernelNs.set(key(one.load, backend), []).get(key(one.load, backend)) ?? []).push(await kernel.packets(one.load.flood));
        const cost = (scenario: string): number => engine.run(scenario, one.load.options).run.cpuMs;
        one.own.push(((cost(one.full) - cost(one.base)) * 1e6) / (one.load.packets - one.small));
      }
    }
    kernel?.down();
  }
  const news = loads.at(-1);
  if (news) newFlows.set(n, news.own);
  return loads.map(({ load, own }) => {
    const of = (backend: Backend): readonly (number | null)[] => kernelNs.get(key(load, backend)) ?? [];
    // Rounds of a backend stand behind each other: its figures belong to its own rounds of the engine
    const ratios = kernel ? Array.from({ length: rounds }, (_, r) => Math.min(...BACKENDS.map((backend, b) => (of(backend)[r] ?? NaN) / (own[b * rounds + r] ?? NaN)))).filter(Number.isFinite) : [];
    const beside = BACKENDS.map((backend) => `${backend} ${span(of(backend).filter((ns) => ns !== null))}`).join(', ');
    return { name: load.name, goal: load.goal, floor: load.floor, isRatio: true, unit: '', values: ratios, detail: `engine ${span(own)} ns a packet${kernel ? `; kernel ${beside} ns` : ''}` };
  });
}

function key({ name }: Load, backend: Backend): string {
  return `${name} ${backend}`;
}

/** Loading a node of `n` services. */
function loading({ engine, kernel, work, rounds }: Setting, n: number): Bar[] {
  const folder = join(work, 'load');
  const scenarioOf = (all: readonly Service[], name: string): string => {
    writeBundle(join(folder, name, 'snapshot'), all);
    return writeScenario(join(folder, name), 'load', fresh('load', { flows: 1, count: 1 }));
  };
  const all = services(n, 5, 5);
  const big = scenarioOf(all, 'big');
  const small = scenarioOf(services(1, 5, 5), 'small');
  const rules = iptablesSave(all);
  const file = join(folder, 'rules.txt');
  writeFileSync(file, rules);
  const costs: number[] = [];
  const beside: Record<Backend, number[]> = { legacy: [], nft: [] };
  let programBytes = 0;
  const ready = ({ load, compile }: EngineStats): number => load.cpuMs + compile.cpuMs;
  for (let round = 0; round < rounds; round++) {
    say(`loading ${n} services, round ${round + 1}`);
    for (const backend of kernel ? BACKENDS : []) beside[backend].push(kernel?.restore(backend, file) ?? NaN);
    const stats = engine.run(big, []);
    programBytes = stats.programBytes;
    costs.push(ready(stats) - ready(engine.run(small, [])));
  }
  const rows = rules.match(/^-A/gm)?.length ?? 1;
  return BACKENDS.map((backend) => ({
    name: `load and compile ${n} services, against iptables-restore ${backend}`,
    goal: backend === 'legacy' ? 20 : 40,
    floor: backend === 'legacy' ? 12 : 20,
    isRatio: true,
    unit: '',
    values: beside[backend].map((ms, i) => ms / (costs[i] ?? NaN)),
    detail: `engine ${span(costs)} ms for ${(rules.length / 1e6).toFixed(1)} MB, ${rows} rules, ${(programBytes / rows).toFixed(0)} bytes a rule${kernel ? `; kernel ${span(beside[backend])} ms` : ''}`,
  }));
}

const CHANGES = 40;

/** One Service changed on a node of `n` services. */
function changing({ engine, kernel, work, rounds }: Setting, n: number): Bar {
  const folder = join(work, 'change');
  const all = services(n, 3, 10);
  writeBundle(join(folder, 'snapshot'), all);
  writeChanges(folder, all, CHANGES);
  const file = join(folder, 'sync.txt');
  writeFileSync(file, partialSync(all, all[n >> 1] as Service, service(n >> 1, 1, 20_000)));
  const costs: number[] = [];
  const first: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`changing one of ${n} services, round ${round + 1}`);
    if (kernel) beside.push(Math.min(...BACKENDS.map((backend) => kernel.restore(backend, file, { options: ['--noflush', '--counters'], before: iptablesSave(all) }))));
    const events = engine.run(join(folder, 'change.yaml'), []).events.map(({ cpuMs }) => cpuMs);
    first.push(events[0] ?? NaN);
    costs.push(median(events.slice(1)));
  }
  return {
    name: `one of ${n} services changed and ready, against partial restore`,
    goal: 1000,
    floor: 100,
    isRatio: true,
    unit: '',
    values: beside.map((ms, i) => ms / (costs[i] ?? NaN)),
    detail: `engine ${span(costs)} ms a change (the first ${span(first)})${kernel ? `; kernel ${span(beside)} ms` : ''}`,
  };
}

/** What an entry takes, and what recording costs. */
function memory({ engine, work, rounds, scale }: Setting, n: number): Bar[] {
  const folder = join(work, `n${n}`);
  const flows = Math.max(4096, Math.round(400_000 * scale));
  const live = engine.run(writeScenario(folder, 'live', fresh('live', { flows, count: n })), []);
  const few = 1000;
  const base = writeScenario(folder, 'record-base', fresh('record', { flows: few, count: n }));
  const full = writeScenario(folder, 'record', fresh('record', { flows: Math.max(few * 10, Math.round(100_000 * scale)), count: n }));
  const cost = (options: readonly string[]): number => engine.run(full, ['--no-cache', ...options]).run.cpuMs - engine.run(base, ['--no-cache', ...options]).run.cpuMs;
  const ratios = Array.from({ length: rounds }, () => cost([]) / cost(['--record', 'none']));
  return [
    bar('bytes a conntrack entry', 96, 128, [live.conntrackBytes / live.conntrackEntries], `${live.conntrackEntries} entries of ${flows} flows on two nodes`),
    bar('recording over none, every rule, new flows', 1.3, 1.6, ratios, `${n} services`),
  ];
}
