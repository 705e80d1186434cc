/** CT and NOTRACK (xt_CT.c; 6.18): how the tracker shall look at the packet, said before it does. */
import { RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { CT_UNTRACKED, type PacketContext } from '../../packet/index.js';
import { RULE_CONTINUE } from '../../record/index.js';
import { ZONE_ONLY_ORIGINAL, ZONE_ONLY_REPLY } from '../../conntrack/index.js';
import type { Act } from './answer.js';

const NOTRACK_BIT = bitIn('CT', 'notrack', true);
const HELPER = fieldIn('CT', 'helper', true);
const HELPER_BIT = bitIn('CT', 'helper', true);
const ZONE = fieldIn('CT', 'zone', true);
const ZONE_BIT = bitIn('CT', 'zone', true);
const ORIGINAL = fieldIn('CT', 'zone-orig', true);
const ORIGINAL_BIT = bitIn('CT', 'zone-orig', true);
const REPLY = fieldIn('CT', 'zone-reply', true);
const REPLY_BIT = bitIn('CT', 'zone-reply', true);

/** Whoever speaks first is heard: a packet that has an entry, a template or no tracking keeps it. */
function isDecided(p: PacketContext): boolean {
  return p.conntrack >= 0 || p.conntrackInfo === CT_UNTRACKED || p.conntrackTemplate !== 0;
}

export const targetNotrack: Act = (_, p) => {
  if (!isDecided(p)) p.conntrackInfo = CT_UNTRACKED;
  return RULE_CONTINUE;
};

export const targetCt: Act = (m, p, code, at) => {
  if (isDecided(p)) return RULE_CONTINUE;
  const given = code[at + RECORD_GIVEN];
  if ((given & NOTRACK_BIT) !== 0) {
    p.conntrackInfo = CT_UNTRACKED;
    return RULE_CONTINUE;
  }
  p.conntrackTemplate = 1 + ((given & HELPER_BIT) !== 0 ? code[at + HELPER] : m.environment.words.id(''));
  if ((given & ZONE_BIT) !== 0) p.conntrackZone = zone(p, code[at + ZONE]);
  else if ((given & ORIGINAL_BIT) !== 0) p.conntrackZone = zone(p, code[at + ORIGINAL]) | ZONE_ONLY_ORIGINAL;
  else if ((given & REPLY_BIT) !== 0) p.conntrackZone = zone(p, code[at + REPLY]) | ZONE_ONLY_REPLY;
  return RULE_CONTINUE;
};

/** -1 is the packet's mark (NF_CT_FLAG_MARK). */
function zone(p: PacketContext, value: number): number {
  return (value < 0 ? p.mark : value) & 0xffff;
}
