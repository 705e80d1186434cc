/** This machine's own kernel, in network namespaces that nobody else sees: the port RealKernel over the recorder. */
import { spawnSync } from 'node:child_process';
import { release } from 'node:os';
import { join } from 'node:path';
import type { CommandOutcome, Play, RealKernel, RefusedSetting, StageCommand, StageServer, StageSettings } from '@worldline/application';
import type { MachineName, Recording } from '@worldline/model';
import { Recorder } from './recorder.js';

/** Packages of the tools as Debian names them. */
const TOOLS: Readonly<Record<string, string>> = { ip: 'iproute2', bridge: 'iproute2', ss: 'iproute2', iptables: 'iptables', 'ip6tables-restore': 'iptables', nft: 'nftables', conntrack: 'conntrack', ipset: 'ipset', 'ebtables-restore': 'ebtables', sysctl: 'procps', python3: 'python3' };

/** Where the recorder stands in a checkout. */
export function recorderFolder(root: string): string {
  return join(root, 'libs/platform/src/real-kernel/recorder');
}

/** Why nothing can be proved on this machine; null: it can. */
export function whyNotProvable(): string | null {
  if (process.platform !== 'linux') return `prove plays on the real Linux kernel, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'prove makes network namespaces, which only root may';
  const missing = Object.keys(TOOLS).filter((tool) => spawnSync('/bin/sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map((tool) => TOOLS[tool]))].join(' ');
  return `prove needs ${missing.join(', ')} (apt-get install ${packages})`;
}

/** Bytes come as base64. */
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

type Encoded<T> = T extends Uint8Array ? string : T extends readonly unknown[] ? { [K in keyof T]: Encoded<T[K]> } : T extends object ? { [K in keyof T]: Encoded<T[K]> } : T;

export class NamespacedKernel implements RealKernel {
  readonly version = release();
  private started: Recorder | null = null;

  /** `folder`: where the recorder stands. It is started when it is first asked for something. */
  constructor(private readonly folder: string) {}

  private get recorder(): Recorder {
    return (this.started ??= new Recorder(this.folder));
  }

  async create(machines: readonly MachineName[]): Promise<void> {
    await this.recorder.ask('create', { machines });
  }

  run(commands: readonly StageCommand[]): Promise<readonly CommandOutcome[]> {
    return commands.length === 0 ? Promise.resolve([]) : this.recorder.ask('run', { commands });
  }

  set(settings: readonly StageSettings[]): Promise<readonly (readonly RefusedSetting[])[]> {
    return this.recorder.ask('sysctl', { settings });
  }

  async serve(servers: readonly StageServer[]): Promise<void> {
    await this.recorder.ask('serve', { servers });
  }

  async play(play: Play): Promise<Recording> {
    const got = await this.recorder.ask<Encoded<Recording>>('play', play);
    return {
      ...got,
      packets: got.packets.map(([at, machine, device, way, kind, ethertype, bytes]) => [at, machine, device, way, kind, ethertype, bytesOf(bytes)] as const),
      drops: got.drops.map(([at, machine, reason, caller, bytes]) => [at, machine, reason, caller, bytesOf(bytes)] as const),
      trace: got.trace.map((step) => ({ ...step, network: bytesOf(step.network), transport: bytesOf(step.transport) })),
      icmp: got.icmp.map(([at, machine, bytes]) => [at, machine, bytesOf(bytes)] as const),
      datagrams: got.datagrams.map((d) => ({ ...d, head: bytesOf(d.head) })),
      accepts: got.accepts.map((a) => ({ ...a, head: a.head === null ? null : bytesOf(a.head) })),
      errors: got.errors.map((e) => ({ ...e, head: bytesOf(e.head) })),
      replyErrors: got.replyErrors.map((e) => ({ ...e, head: bytesOf(e.head) })),
    };
  }

  async clear(): Promise<void> {
    await this.started?.ask('close', {});
  }

  /** As a machine that is short of memory would. */
  kill(): void {
    this.started?.kill();
  }

  /** Ends the recorder, and with it all that it made. */
  async close(): Promise<void> {
    await this.started?.close();
  }
}
