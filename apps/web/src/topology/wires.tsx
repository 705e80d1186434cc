/** A wire between two ports, and the packet's way along it. */
import type { Outcome } from '@worldline/model';
import type { Edge, EdgeProps } from '@xyflow/react';
import type { ReactElement } from 'react';
import { roundedPath } from './drawing.js';
import type { Wire } from './graph.js';
import type { Point } from './layout.js';

export type WireEdge = Edge<{ readonly wire: Wire; readonly bends: readonly Point[]; readonly outcome: Outcome | null }, 'wire'>;

export function WireLine({ data }: EdgeProps<WireEdge>): ReactElement | null {
  if (!data) return null;
  const { wire, bends, outcome } = data;
  const points = wire.taken === 'backward' ? bends.toReversed() : bends;
  const path = roundedPath(points);
  if (wire.taken === null || outcome === null) return <path d={path} className="wire" />;
  const arrow = arrowAt(points);
  return (
    <g className={`way-${outcome}`}>
      <path d={path} className="way-glow" />
      <path d={path} className={wire.isAssumed ? 'way-line is-assumed' : 'way-line'} />
      {arrow && <path d="M-5,-4.5 L5,0 L-5,4.5 Z" className="way-arrow" transform={`translate(${arrow.x},${arrow.y}) rotate(${arrow.turn})`} />}
    </g>
  );
}

/** In the middle of the longest piece. */
function arrowAt(points: readonly Point[]): (Point & { readonly turn: number }) | null {
  let longest = 0;
  let found: (Point & { turn: number }) | null = null;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1] as Point, points[i] as Point];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    if (length <= longest) continue;
    longest = length;
    found = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, turn: (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI };
  }
  return found;
}
