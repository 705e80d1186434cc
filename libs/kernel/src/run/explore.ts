/**
 * Explore: each connection alone, from the state that the sample run has when it begins, along every branch that chance could take.
 * A branch is the whole life of the connection; its weight is the exact product of its choices.
 */
import { DISPOSITION, Environment } from '../record/index.js';
import { BranchChooser } from './chooser.js';
import { MAX_BRANCHES } from './limits.js';
import { ONE, add, fraction, multiply, subtract, type Fraction } from './question/fraction.js';
import { FlowTally } from './question/flow-tally.js';
import { Question } from './question/question.js';
import type { RunState } from './run-state.js';
import type { TrailWatch } from './trail-watch.js';
import type { Flow } from './traffic/flow.js';

export class Explorer {
  readonly tallies: FlowTally[];

  constructor(
    private readonly sample: RunState,
    private readonly watch: TrailWatch | null,
  ) {
    this.tallies = sample.plan.flows.map(() => new FlowTally('none'));
  }

  /** Follows all branches of a connection that is about to begin in the sample run. */
  explore(flow: Flow, connection: number): void {
    const chooser = new BranchChooser();
    let followed: Fraction = fraction(0n, 1n);
    for (let branch = 0; branch < MAX_BRANCHES; branch++) {
      const questions = this.follow(chooser, flow, connection, branch);
      const weight = chooser.weight();
      if (chooser.isOverLimit) this.leaveRest(flow, connection, weight);
      else for (const question of questions) this.tallies[flow.position].countBranch(question, multiply(weight, shareOf(flow)));
      followed = add(followed, weight);
      if (!chooser.advance()) return;
    }
    this.leaveRest(flow, connection, subtract(ONE, followed));
  }

  private follow(chooser: BranchChooser, flow: Flow, connection: number, branch: number): Question[] {
    const { sample } = this;
    chooser.rewind();
    const { environment } = sample;
    const { addresses, interfaceNames, macs, words, pool, recorder } = environment;
    const own = new Environment(addresses, interfaceNames, macs, words, pool, recorder, environment.random.fork(), chooser);
    own.now = environment.now;
    own.startTime = environment.startTime;
    const fork = sample.forkAlone(sample.timeline.forConnection(flow, connection), sample.network.fork(own));
    const questions: Question[] = [];
    fork.book.onClosed = (question): void => {
      question.branch = branch;
      questions.push(question);
    };
    const leave = this.watch?.follow(fork, branch);
    fork.run();
    leave?.();
    return questions;
  }

  /** What the limits left unexplored is a path of its own. */
  private leaveRest(flow: Flow, connection: number, rest: Fraction): void {
    for (let packet = 0; packet < flow.packets; packet++) {
      const question = new Question();
      question.flow = flow.position;
      question.connection = connection;
      question.index = connection * flow.packets + packet;
      question.machine = flow.machine;
      question.family = flow.family;
      question.disposition = DISPOSITION.LimitReached;
      this.tallies[flow.position].countBranch(question, multiply(rest, shareOf(flow)));
    }
  }
}

/** One packet's share of its flow. */
function shareOf(flow: Flow): Fraction {
  return fraction(1n, BigInt(flow.spec.connections * flow.packets));
}
