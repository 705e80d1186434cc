/**
 * /proc/net/xt_recent/*: each list under a line `# name`, one line per source:
 * `src=10.0.0.1 ttl: 64 last_seen: 4296634023 oldest_pkt: 2 4296633904, 4296634023`.
 * Stamps are the kernel's ticks, 250 a second; the newest of the file is the moment of capture.
 */
import { parseAddress, type Issue, type Parsed, type RecentCapture } from '@worldline/model';

export interface RecentLists {
  /** Every list, empty ones too. */
  readonly names: readonly string[];
  readonly entries: readonly RecentCapture[];
}

const TICK_US = 4_000;

/** Reads the lists; stamps become microseconds before the moment of capture, newest first. */
export function readRecent(text: string, file: string): Parsed<RecentLists> {
  const names: string[] = [];
  const rows: { list: string; source: string; ttl: number; ticks: number[] }[] = [];
  const issues: Issue[] = [];
  let now = 0;
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const trimmed = raw.trim();
    if (trimmed === '') continue;
    if (trimmed.startsWith('#')) {
      names.push(trimmed.slice(1).trim());
      continue;
    }
    const match = /^src=(\S+) ttl: (\d+) last_seen: (\d+) oldest_pkt: (\d+) ?(.*)$/.exec(trimmed);
    const list = names.at(-1);
    if (match === null || list === undefined || parseAddress(match[1] as string) === null) {
      const word = trimmed.split(' ')[0] ?? trimmed;
      issues.push({ code: 'UnreadableRecent', severity: 'warning', message: `recent: '${word}' is not understood`, file, line, word });
      continue;
    }
    const last = Number(match[3]);
    const ticks = (match[5] as string)
      .split(',')
      .map((x) => x.trim())
      .filter((x) => x !== '')
      .map(Number);
    if (!ticks.includes(last)) ticks.push(last);
    // The ring may begin anywhere; the tick counter does not wrap within one capture.
    ticks.sort((a, b) => b - a);
    now = Math.max(now, ticks[0] as number);
    rows.push({ list, source: match[1] as string, ttl: Number(match[2]), ticks });
  }
  const entries = rows.map(({ list, source, ttl, ticks }) => ({ list, source, ttl, stamps: ticks.map((t) => (now - t) * TICK_US) }));
  return { value: { names, entries }, issues };
}

/** Prints lists as the files stand in a bundle. `ticks` is the tick counter at the moment of capture; the kernel's starts five minutes below 2^32. */
export function printRecent(lists: RecentLists, ticks: number): string {
  let text = '';
  for (const name of lists.names) {
    text += `# ${name}\n`;
    for (const entry of lists.entries) {
      if (entry.list !== name) continue;
      const stamps = entry.stamps.map((us) => ticks - Math.round(us / TICK_US)).reverse();
      const last = stamps.at(-1) ?? ticks;
      text += `src=${entry.source} ttl: ${entry.ttl} last_seen: ${last} oldest_pkt: ${stamps.length} ${stamps.join(', ')}\n`;
    }
  }
  return text;
}
