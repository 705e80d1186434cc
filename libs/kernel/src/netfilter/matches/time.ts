/** `time` (net/netfilter/xt_time.c; 6.18). The machines' time zone is UTC. */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn } from '@worldline/language';
import type { Evaluate } from './answer.js';

const START = fieldIn('time', 'timestart');
const STOP = fieldIn('time', 'timestop');
const MONTHDAYS = fieldIn('time', 'monthdays');
const MONTHDAYS_BIT = bitIn('time', 'monthdays');
const WEEKDAYS = fieldIn('time', 'weekdays');
const WEEKDAYS_BIT = bitIn('time', 'weekdays');
const DATE_START = fieldIn('time', 'datestart');
const DATE_STOP = fieldIn('time', 'datestop');
const CONTIGUOUS_BIT = bitIn('time', 'contiguous');
const DAY = 86400;

export const matchTime: Evaluate = (m, _, code, at) => {
  const { environment } = m;
  m.environment.effects.refuse();
  const given = code[at + RECORD_GIVEN];
  const inverted = code[at + RECORD_INVERTED];
  let stamp = environment.startTime + Math.floor(environment.now / 1_000_000);
  if (stamp < code[at + DATE_START] >>> 0 || stamp > code[at + DATE_STOP] >>> 0) return false;
  const time = stamp % DAY;
  const start = code[at + START];
  const stop = code[at + STOP];
  if (start < stop) {
    if (time < start || time > stop) return false;
  } else {
    if (time < start && time > stop) return false;
    if ((given & CONTIGUOUS_BIT) !== 0 && time <= stop) stamp -= DAY;
  }
  // The first of January 1970 was a Thursday; Sunday is 7
  const weekday = ((4 + Math.floor(stamp / DAY) - 1) % 7) + 1;
  if ((given & WEEKDAYS_BIT) !== 0 && ((code[at + WEEKDAYS] & (1 << weekday)) !== 0) === ((inverted & WEEKDAYS_BIT) !== 0)) return false;
  if ((given & MONTHDAYS_BIT) === 0) return true;
  const monthday = new Date(1000 * stamp).getUTCDate();
  return ((code[at + MONTHDAYS] & (1 << monthday)) !== 0) !== ((inverted & MONTHDAYS_BIT) !== 0);
};
