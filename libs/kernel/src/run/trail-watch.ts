/** Which packets keep trails of the rules that they looked at. */
import type { PacketContext } from '../packet/index.js';
import type { RunNetwork } from './network.js';
import type { Question } from './question/question.js';

/** A path: number in its flow, and the flow's position in the scenario. */
export interface PathPlace {
  readonly flow: number;
  readonly path: number;
}

/** The first question that took a path. In `explore` a question has branches, numbered in the order in which they are followed. */
export interface PathOrigin extends PathPlace {
  /** Number within the flow. */
  readonly index: number;
  readonly branch: number;
}

/** Says whose packets are asked about from now on; what it returns says so for those before again. netfilter/ provides it. */
export type AskTrails = (network: RunNetwork, isAsked: (p: PacketContext) => boolean) => () => void;

/** What is asked of a run, or of one branch. */
interface Followed {
  readonly network: RunNetwork;
  readonly book: { of(slot: number): Question | null };
}

export class TrailWatch {
  private readonly asked: ReadonlySet<string> | null;

  constructor(
    origins: readonly PathOrigin[] | 'all',
    private readonly ask: AskTrails,
  ) {
    this.asked = origins === 'all' ? null : new Set(origins.map(({ flow, index, branch }) => keyOf(flow, index, branch)));
  }

  /** Watches a run; what it returns goes back to the one before. */
  follow({ network, book }: Followed, branch: number): () => void {
    const { asked } = this;
    return this.ask(network, (p) => {
      const question = book.of(p.question);
      return question !== null && (asked === null || asked.has(keyOf(question.flow, question.index, branch)));
    });
  }
}

function keyOf(flow: number, index: number, branch: number): string {
  return `${flow}/${index}/${branch}`;
}
