/** Trails that one operation asks for, as one question: the simulation is run again once, however many of its steps are meant. */
import type { Replayed, Replays, TrailPage, TrailQuestion } from '@worldline/application';
import { InvalidArgument } from './invalid-argument.js';
import { Loader } from './loader.js';

interface AnsweredTrail {
  readonly question: TrailQuestion;
  readonly answer: Replayed<TrailPage>;
}

export type TrailLoader = Loader<TrailQuestion, AnsweredTrail>;

/** Paths that one operation may ask about: each has trails of its own to be kept meanwhile. */
const PATHS_LIMIT = 24;

export function trailLoader(replays: Replays): TrailLoader {
  const keyOf = ({ simulation, flow, path, entry, step, first, offset }: TrailQuestion): string => [simulation, flow, path, entry, step, first, offset].join(' ');
  return new Loader({
    fetch: async (questions) => {
      const paths = new Set(questions.map(({ simulation, flow, path }) => `${simulation} ${flow} ${path}`)).size;
      if (paths > PATHS_LIMIT) throw new InvalidArgument('trail', `trails of ${paths} paths are asked for; ${PATHS_LIMIT} at once are the most`);
      const answers = await replays.trails(questions);
      return questions.map((question, i) => ({ question, answer: answers[i] as Replayed<TrailPage> }));
    },
    keyOf,
    valueKey: ({ question }) => keyOf(question),
  });
}
