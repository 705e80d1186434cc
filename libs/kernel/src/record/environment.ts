/** What all machines of one run share: the virtual clock, chance, and the interned names. */
import type { Random } from '@worldline/model';
import { AddressTable, MacTable, NameTable, PacketPool } from '../packet/index.js';
import { Effects } from './effects.js';
import { Recorder } from './recorder.js';

/**
 * Answers the questions that the kernel leaves to chance and whose outcome matters (statistic, ECMP, load balancers).
 * `sample` draws from the seed; `explore` takes every branch in turn. Port draws use `random` alone.
 */
export interface Chooser {
  /** True with probability `numerator / denominator`; both are whole numbers up to 2^31. */
  chance(numerator: number, denominator: number): boolean;
  /** A position in `weights[from] ... weights[to - 1]`, minus `from`, with probability proportional to the weights. */
  pick(weights: Int32Array, from: number, to: number): number;
  /** One that gives the answers that this one would give next, and leaves this one as it is; absent where answers do not depend on how often it is asked. */
  fork?(random: Random): Chooser;
}

export class Environment {
  /** Microseconds since the scenario's start. */
  now = 0;
  /** Wall clock at time 0 in seconds since the epoch, for `-m time`. */
  startTime = 0;
  /** What payloads begin with. */
  payloadBytes = new Uint8Array(0);
  readonly effects = new Effects();

  constructor(
    readonly addresses: AddressTable,
    /** Interface names. */
    readonly interfaceNames: NameTable,
    readonly macs: MacTable,
    /** Every other word that must be a small integer: set names, recent lists, users. */
    readonly words: NameTable,
    readonly pool: PacketPool,
    public recorder: Recorder,
    public random: Random,
    public chooser: Chooser,
  ) {}

  /** One in which nothing has happened and no name is known. */
  static create(random: Random, chooser: Chooser): Environment {
    return new Environment(new AddressTable(), new NameTable(), new MacTable(), new NameTable(), new PacketPool(), new Recorder(), random, chooser);
  }
}
