/** Lines of the picture as SVG paths. */
import type { Box, Crossing, Port } from './graph.js';
import type { Point } from './layout.js';

const RADIUS = 7;
const MARGIN = 9;
const CHARACTER = 6.4;

/** Straight pieces with rounded corners. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const pieces = rest.map((point, i) => {
    const before = points[i] as Point;
    const after = points[i + 2];
    if (!after) return `L${point.x},${point.y}`;
    const [a, b] = [towards(point, before), towards(point, after)];
    return `L${a.x},${a.y} Q${point.x},${point.y} ${b.x},${b.y}`;
  });
  return `M${first.x},${first.y} ${pieces.join(' ')}`;
}

function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

/** A packet's line through a box: between two ports, or between a port and the box's middle. */
export function crossingPath({ ports, width, height, kind }: Box, { from, to }: Crossing): string {
  const [a, b] = [ports.find(({ id }) => id === from), ports.find(({ id }) => id === to)];
  if (kind === 'segment' && a && b) return `M${a.x},${a.y} L${width / 2},${a.y} L${width / 2},${b.y} L${b.x},${b.y}`;
  if (a && b && a.side === b.side) {
    const depth = Math.min(Math.max(labelWidth(a), labelWidth(b)), width - MARGIN);
    const x = a.side === 'west' ? depth : width - depth;
    return roundedPath([a, { x, y: a.y }, { x, y: b.y }, b]);
  }
  if (a && b) return `M${a.x},${a.y} C${width / 2},${a.y} ${width / 2},${b.y} ${b.x},${b.y}`;
  const port = a ?? b;
  return port ? `M${port.x},${port.y} L${innerEnd(port, width).x},${Math.min(port.y, height)}` : '';
}

/** From the edge to the end of a port's name and address. */
function labelWidth({ name, address }: Port): number {
  return MARGIN + CHARACTER * (name.length + address.length + (address === '' ? 0 : 1)) + MARGIN;
}

/** Where a packet begins or ends inside a box that it touches at one port only. */
export function innerEnd({ side, x, y }: Port, width: number): Point {
  return { x: side === 'west' ? Math.min(x + 14, width) : Math.max(x - 14, 0), y };
}
