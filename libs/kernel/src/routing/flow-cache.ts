/**
 * Routes already found, by all that they depended on: direct-mapped, checked against a generation. What it may not hold (several ways, rules that
 * look at ports) is never put in.
 */

/** Offsets of what a line holds. */
export const LINE_TYPE = 6;
export const LINE_NEXTHOP = 7;
export const LINE_DEVICE = 8;
export const LINE_MTU = 9;
export const LINE_TABLE = 10;
export const LINE_PREFIX_LENGTH = 11;
export const LINE_GATEWAY = 12;
/** Input: result of source validation (REVERSE_PATH_*), -1 when there is nothing to tell. Output: the source address. */
export const LINE_SOURCE = 13;
/** Input: effective rp_filter. Output: hop limit of the route. */
export const LINE_FILTER = 14;
/** Input: position of the interface that the way back takes. */
export const LINE_BACK = 15;
const WIDTH = 16;

const LINES = 1024;

export class FlowCache {
  readonly lines = new Int32Array(LINES * WIDTH);

  /** Offset of the line that holds this flow in the present generation, -1 for none. */
  find(generation: number, device: number, source: number, destination: number, mark: number, tos: number): number {
    const { lines } = this;
    const at = lineOf(device, source, destination, mark);
    const isHit =
      lines[at] === generation && lines[at + 3] === destination && lines[at + 2] === source && lines[at + 1] === device && lines[at + 4] === mark && lines[at + 5] === tos;
    return isHit ? at : -1;
  }

  /** Takes the flow's line and gives its offset; the caller fills in the rest. */
  claim(generation: number, device: number, source: number, destination: number, mark: number, tos: number): number {
    const { lines } = this;
    const at = lineOf(device, source, destination, mark);
    lines[at] = generation;
    lines[at + 1] = device;
    lines[at + 2] = source;
    lines[at + 3] = destination;
    lines[at + 4] = mark;
    lines[at + 5] = tos;
    return at;
  }
}

function lineOf(device: number, source: number, destination: number, mark: number): number {
  let h = Math.imul(destination ^ Math.imul(source, 0x85ebca6b), 0x9e3779b1) ^ Math.imul(device ^ mark, 0xc2b2ae35);
  h ^= h >>> 15;
  return (h & (LINES - 1)) * WIDTH;
}
