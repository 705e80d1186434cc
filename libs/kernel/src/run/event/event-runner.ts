/** The events of a scenario: scripts that run on machines, and rest while they sleep. */
import type { Issue, ScenarioEvent } from '@worldline/model';
import type { RunNetwork } from '../network.js';
import { ScriptRun, type ExecuteCommand } from './script-run.js';

export class EventRunner {
  readonly issues: Issue[] = [];
  /** An event could not be understood: the run is over. */
  isBroken = false;
  private scripts: ScriptRun[] = [];

  constructor(
    private readonly network: RunNetwork,
    private readonly execute: ExecuteCommand,
  ) {}

  /** While an event sleeps nothing else of the scenario starts. */
  get isBusy(): boolean {
    return this.scripts.length > 0;
  }

  /** When the next script goes on; Infinity for none. */
  nextAt(): number {
    return this.scripts.reduce((earliest, { wakeAt }) => Math.min(earliest, wakeAt), Infinity);
  }

  start(event: ScenarioEvent): void {
    if (event.kind !== 'run') {
      const word = event.kind === 'fabric' ? 'fabric' : event.verb;
      this.break({ code: 'UnmodelledEvent', severity: 'error', message: `events of kind ${event.kind} are not modelled`, word, ...event.place });
      return;
    }
    const { now } = this.network.environment;
    for (const name of event.machines) {
      const position = this.network.machinePosition(name);
      if (position < 0) {
        this.break({ code: 'UnknownMachine', severity: 'error', message: `there is no machine ${name} to run a command on`, word: name, ...event.place });
        return;
      }
      const script = new ScriptRun(this.network.machines[position], event.run, event.stdin, { said: `event at ${event.at / 1000}ms on ${name}`, ...event.place });
      script.wakeAt = now;
      this.scripts.push(script);
    }
  }

  /** Lets every script that is due go on to its next sleep, and all happen that each causes. */
  proceed(run: { drain(): void }): void {
    const { now, effects } = this.network.environment;
    effects.change();
    for (const script of this.scripts) {
      if (script.wakeAt <= now && !script.hasEnded) script.proceed(now, this.execute);
      run.drain();
      if (!script.hasEnded) continue;
      for (const issue of script.issues) {
        if (issue.severity === 'error') this.break(issue);
        else this.issues.push(issue);
      }
    }
    this.scripts = this.scripts.filter((script) => !script.hasEnded);
  }

  private break(issue: Issue): void {
    this.issues.push(issue);
    this.isBroken = true;
  }
}
