/** What the bridge tables have counted by the end of a run: no file of a bundle says it. */
import type { Readers } from '@worldline/application';
import { SampleChooser, compileNetwork, describeRule, execute, runScenario, type Machine } from '@worldline/kernel';
import { Random, type Scenario, type Snapshot } from '@worldline/model';

export interface FrameRun {
  readonly readers: Readers;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly scenario: string;
  readonly isCached: boolean;
}

export function countedFrames({ readers, files, scenario: text, isCached }: FrameRun): string {
  const tree = new Map(Object.entries(files).map(([path, content]) => [path, typeof content === 'string' ? new TextEncoder().encode(content) : content]));
  const snapshot = readers.bundle(tree).value as Snapshot;
  const scenario = readers.scenario(text, { file: 'scenario.yaml', snapshot, stdin: new Map() }).value as Scenario;
  const { network, store } = compileNetwork(snapshot);
  network.environment.chooser = new SampleChooser(Random.fromSeed(1));
  const options = { seed: 1, mode: 'sample', packets: 'none', hasAllHops: false, isCached, isRecording: true } as const;
  runScenario(network, scenario, options, { execute: (machine, words, input) => execute(machine as Machine, words, input), describeRule: (uid, rule) => describeRule(store, uid, rule) });
  return network.machines.flatMap(({ name, ebtables }) => ebtables.chains.map((chain) => `${name} ${chain.name} ${chain.packets.join()} ${chain.bytes.join()}\n`)).join('');
}
