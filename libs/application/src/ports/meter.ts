/** What a run cost. Never part of a Report: reports are the same on every machine. */
export interface Meter {
  /** CPU time of this process so far, user and system, milliseconds. */
  cpuMs(): number;
  /** A steady clock, milliseconds. */
  wallMs(): number;
  peakRssMiB(): number;
}

/** A meter that stands still, for use cases whose cost nobody asks for. */
export const NO_METER: Meter = { cpuMs: () => 0, wallMs: () => 0, peakRssMiB: () => 0 };
