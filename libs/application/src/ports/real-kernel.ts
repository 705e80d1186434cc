import type { MachineName, Probe, Recording } from '@worldline/model';

/** One command in a machine: a shell's command line, or words. `@NAME@` stands for the path of machine NAME's namespace. */
export interface StageCommand {
  readonly machine: MachineName;
  readonly command: string | readonly string[];
  readonly stdin?: string;
}

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StageSettings {
  readonly machine: MachineName;
  /** A dot within an interface's name is written `@`. */
  readonly values: readonly (readonly [key: string, value: string])[];
}

/** What could not be written, or came out as something else. */
export type RefusedSetting = readonly [key: string, value: string, why: string];

export interface StageServer {
  readonly machine: MachineName;
  readonly protocol: 'udp' | 'tcp';
  readonly ip: string;
  readonly port: number;
  /** An IPv6 socket that takes IPv4 as well. */
  readonly dual: boolean;
  readonly device: string | null;
}

export interface Play {
  readonly probes: readonly Probe[];
  /** Microseconds. */
  readonly events: readonly { readonly at: number; readonly machines: readonly MachineName[]; readonly run: string; readonly stdin: string | null }[];
  /** When it is over; null: `settle` after the last of it. */
  readonly end: number | null;
  readonly settle: number;
  /** Whether the rules that each packet meets are noted. */
  readonly isTraced: boolean;
}

/** Network namespaces on this machine's own kernel, none of which anybody else sees. */
export interface RealKernel {
  /** `uname -r`. */
  readonly version: string;
  create(machines: readonly MachineName[]): Promise<void>;
  run(commands: readonly StageCommand[]): Promise<readonly CommandOutcome[]>;
  /** One answer for each. */
  set(settings: readonly StageSettings[]): Promise<readonly (readonly RefusedSetting[])[]>;
  serve(servers: readonly StageServer[]): Promise<void>;
  play(play: Play): Promise<Recording>;
  /** Takes the namespaces away; others can be created then. */
  clear(): Promise<void>;
}
