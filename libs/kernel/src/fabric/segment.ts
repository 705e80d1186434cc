/** A broadcast domain between machines: what a switch does with a frame. Links take no time. */

export interface Attachment {
  readonly machine: number;
  readonly position: number;
}

/** Attachments of one broadcast domain, in a fixed order. */
export class Segment {
  constructor(readonly attachments: readonly Attachment[]) {}
}

/** Which segment an interface leads to: key machine * 4096 + position. */
export class SegmentTable {
  private readonly byInterface = new Map<number, Segment>();

  constructor(readonly segments: readonly Segment[]) {
    for (const segment of segments) {
      for (const { machine, position } of segment.attachments) this.byInterface.set(keyOf(machine, position), segment);
    }
  }

  of(machine: number, position: number): Segment | null {
    return this.byInterface.get(keyOf(machine, position)) ?? null;
  }
}

function keyOf(machine: number, position: number): number {
  return machine * 4096 + position;
}
