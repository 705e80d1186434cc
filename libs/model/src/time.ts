/** Simulated time: whole microseconds since the start of the scenario. */

const UNITS: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** Reads a duration (`700ms`, `1.5s`, `2m`); a bare number is not one. Null when the text is none. Result in microseconds. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(text.trim());
  if (!match) return null;
  const us = Number(match[1]) * (UNITS[match[2] as string] as number);
  return Number.isSafeInteger(Math.round(us)) ? Math.round(us) : null;
}

/** Writes microseconds as scenarios and reports spell a time: whole milliseconds as `700ms`, else `1500us`. */
export function formatDuration(us: number): string {
  return us % 1000 === 0 ? `${us / 1000}ms` : `${us}us`;
}
