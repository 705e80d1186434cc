/** SET (xt_set.c set_target_v3; 6.18). */
import { RECORD_GIVEN, bitIn, fieldIn } from '@worldline/language';
import { RULE_CONTINUE } from '../../record/index.js';
import { SET_EXIST } from '../ipset/index.js';
import { directionsAt } from '../matches/set.js';
import type { Act } from './answer.js';

const ADD = fieldIn('SET', 'add-set', true);
const ADD_BIT = bitIn('SET', 'add-set', true);
const DELETE = fieldIn('SET', 'del-set', true);
const DELETE_BIT = bitIn('SET', 'del-set', true);
const MAP = fieldIn('SET', 'map-set', true);
const MAP_BIT = bitIn('SET', 'map-set', true);
const EXIST_BIT = bitIn('SET', 'exist', true);
const TIMEOUT = fieldIn('SET', 'timeout', true);
const MARK_BIT = bitIn('SET', 'map-mark', true);

export const targetSet: Act = (m, p, code, at) => {
  const { netfilter } = m;
  const { ipsets, inputName, outputName } = netfilter;
  const { generation } = ipsets;
  const given = code[at + RECORD_GIVEN];
  if ((given & ADD_BIT) !== 0) {
    const position = netfilter.setPosition(code[at + ADD]);
    const flags = (given & EXIST_BIT) !== 0 ? SET_EXIST : 0;
    if (position >= 0) ipsets.add(p, position, directionsAt(code, at + ADD + 1), flags, code[at + TIMEOUT], inputName, outputName);
  }
  if ((given & DELETE_BIT) !== 0) {
    const position = netfilter.setPosition(code[at + DELETE]);
    if (position >= 0) ipsets.delete(p, position, directionsAt(code, at + DELETE + 1), inputName, outputName);
  }
  if ((given & MAP_BIT) !== 0) {
    const position = netfilter.setPosition(code[at + MAP]);
    if (position >= 0) ipsets.map(p, position, directionsAt(code, at + MAP + 1), (given & MARK_BIT) !== 0, inputName, outputName);
  }
  // a member that is there now may have gone the next time, and so may one that took its room
  if (ipsets.generation === generation) m.environment.effects.refuse();
  else m.environment.effects.change();
  return RULE_CONTINUE;
};
