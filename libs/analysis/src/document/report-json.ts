import type { FlowReport, Report } from '@worldline/model';

/** Pieces are put together to about this many characters. */
const PIECE_LENGTH = 1 << 16;

/** The Report as JSON on one line, piece by piece: with every packet listed it may be longer than a string can be. */
export function* reportJson(report: Report): Generator<string> {
  let piece = '';
  for (const part of partsOf(report)) {
    piece += part;
    if (piece.length < PIECE_LENGTH) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n`;
}

function* partsOf({ apiVersion, kind, simulation, flows, ...rest }: Report): Generator<string> {
  yield `${JSON.stringify({ apiVersion, kind, simulation }).slice(0, -1)},"flows":[`;
  for (const [i, flow] of flows.entries()) {
    yield i === 0 ? '' : ',';
    yield* flowParts(flow);
  }
  yield `],${JSON.stringify(rest).slice(1)}`;
}

function* flowParts({ name, totals, paths, packets }: FlowReport): Generator<string> {
  yield `${JSON.stringify({ name, totals }).slice(0, -1)},"paths":[`;
  yield* listParts(paths);
  yield '],"packets":[';
  yield* listParts(packets);
  yield ']}';
}

function* listParts(list: readonly object[]): Generator<string> {
  for (const [i, one] of list.entries()) yield (i === 0 ? '' : ',') + JSON.stringify(one);
}
