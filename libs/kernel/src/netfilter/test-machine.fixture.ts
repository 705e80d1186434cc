/** A machine with rules and two interfaces, for the specs of this room: routing answers what it is told. */
import { Random, parseAddress, type Family, type IpAddress, type Issue, type RuleTrail } from '@worldline/model';
import { encodeUtf8, scanRuleSet } from '@worldline/language';
import { FORWARD, type PacketContext } from '../packet/index.js';
import { Environment, STEP_OPERANDS, STEP_RULE } from '../record/index.js';
import { ConntrackState } from '../conntrack/index.js';
import { NetfilterState, ProgramStore, TrailRecorder, printIptablesSave, runHook, type NetfilterMachine } from './index.js';

export interface TestPacket {
  readonly family?: Family;
  readonly protocol?: number;
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly length?: number;
  readonly mark?: number;
  readonly ttl?: number;
  readonly fields?: Partial<PacketContext>;
}

export class TestMachine {
  readonly environment: Environment;
  readonly store: ProgramStore;
  readonly issues: readonly Issue[];
  readonly machine: NetfilterMachine;
  /** Bits of RTN_* for every address. */
  addressType = 2;
  /** What the chooser answers next. */
  isChosen = true;

  constructor(dump: string, family: Family = 4, file = 'iptables-save.txt') {
    const chooser = { chance: (): boolean => this.isChosen, pick: (): number => 0 };
    this.environment = Environment.create(Random.fromSeed(1), chooser);
    this.store = new ProgramStore(this.environment);
    const scanned = scanRuleSet(encodeUtf8(dump), { family, file });
    const { program, issues } = this.store.compile(scanned.ruleSet);
    this.issues = [...scanned.issues, ...issues];
    const device = (position: number, name: string): object => ({ position, nameId: this.environment.interfaceNames.id(name), kind: 'veth', mtu: 1500, addresses: [] });
    this.machine = {
      id: 0,
      environment: this.environment,
      sysctl: { generation: 1, get: () => undefined },
      interfaces: { list: [device(0, 'eth0'), device(1, 'veth1')] },
      sockets: {},
      conntrack: new ConntrackState(),
      routing: { addressType: () => this.addressType, selectSource: () => this.handle('192.0.2.1') },
      netfilter: new NetfilterState(this.store, [program]),
      rerouteOutput: () => 1,
    } as unknown as NetfilterMachine;
  }

  handle(text: string): number {
    return this.environment.addresses.handle(parseAddress(text) as IpAddress);
  }

  packet(values: TestPacket = {}): PacketContext {
    const p = this.environment.pool.take();
    p.family = values.family ?? 4;
    p.protocol = values.protocol ?? 17;
    p.source = this.handle(values.source ?? (p.family === 4 ? '10.0.0.1' : 'fd00::1'));
    p.destination = this.handle(values.destination ?? (p.family === 4 ? '10.0.0.2' : 'fd00::2'));
    p.sourcePort = values.sourcePort ?? 1000;
    p.destinationPort = values.destinationPort ?? 53;
    p.length = values.length ?? 60;
    p.mark = values.mark ?? 0;
    p.ttl = values.ttl ?? 64;
    p.inputInterface = 0;
    p.outputInterface = 1;
    return Object.assign(p, values.fields);
  }

  /** The verdict of one hook. */
  send(values: TestPacket = {}, hook = FORWARD): PacketContext & { verdict?: number } {
    const p: PacketContext & { verdict?: number } = this.packet(values);
    p.verdict = runHook(this.machine, p, hook);
    return p;
  }

  /** Sends a packet through FORWARD with its trail kept, of which `limit` rules are told. */
  ask(values: TestPacket = {}, limit = 1000): { readonly p: PacketContext; readonly lookedAt: number; readonly rules: readonly RuleTrail[] } {
    const recorder = new TrailRecorder(this.store, limit);
    const before = this.environment.recorder;
    this.environment.recorder = recorder;
    recorder.ask({ machines: [this.machine], isAsked: () => true });
    const p = this.packet(values);
    p.machine = 0;
    runHook(this.machine, p, FORWARD);
    this.environment.recorder = before;
    return { p, ...(recorder.trail(p.details[0]) ?? { lookedAt: -1, rules: [] }) };
  }

  /** Rules that a packet matched: `CHAIN#number`. */
  matched(p: PacketContext): string[] {
    const out: string[] = [];
    for (let i = 0; i < p.stepCount; i += 1 + STEP_OPERANDS[p.steps[i]]) {
      if (p.steps[i] === STEP_RULE) out.push(`${this.store.chain(p.steps[i + 1]).name}#${p.steps[i + 2] + 1}`);
    }
    return out;
  }

  save(family: Family = 4): string[] {
    const text = printIptablesSave(this.machine.netfilter, { family, isLegacy: this.machine.netfilter.isLegacyDefault(family), hasCounters: true, table: null });
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  }
}

/** A filter table whose FORWARD has these rules (`X ...` is a rule of chain X). */
export function filterTable(rules: readonly string[], policy = 'ACCEPT'): string {
  const lines = rules.map((rule) => (/^[A-Z]\d? /.test(rule) ? rule : `FORWARD ${rule}`));
  const chains = new Set(lines.map((line) => line.slice(0, line.indexOf(' '))));
  chains.add('FORWARD');
  const heads = [...chains].map((chain) => `:${chain} ${chain === 'FORWARD' ? policy : '-'} [0:0]\n`);
  return `# Generated by iptables-save v1.8.9 (nf_tables)\n*filter\n${heads.join('')}${lines.map((line) => `-A ${line}\n`).join('')}COMMIT\n`;
}
