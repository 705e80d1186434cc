/** Targets, as iptables 1.8.9 takes and prints them. */
import * as op from './opcode.js';
import { option, target, type ExtensionSpec, type Rewrite } from './extension.js';
import { ADDRESS, NAT_RANGE, PREFIX } from './value/address.js';
import { REJECT_4, REJECT_6 } from './value/reject.js';
import { settleHmark } from './settle.js';
import { ESTIMATOR_TIME } from './value/rate.js';
import * as v from './value/scalar.js';
import { SET_DIRECTIONS } from './value/state-bits.js';
import { parseNumber } from './value/value-kind.js';

const hexOf = (value: number): string => `0x${(value >>> 0).toString(16)}`;
const number = (text: string | undefined): number => parseNumber(text ?? '') ?? NaN;
const one = (to: string, values: (value: number) => string): Rewrite => ({
  arguments: 1,
  to,
  values: ([text]) => (Number.isNaN(number(text)) ? null : [values(number(text))]),
});

/** `--set-mark v/m` clears m and sets v: an XOR mark with the mask `v | m`. */
const setMark = (to: string): Rewrite => ({
  arguments: 1,
  to,
  values: ([text]) => {
    const [value, mask] = (text as string).split('/');
    if (Number.isNaN(number(value)) || (mask !== undefined && Number.isNaN(number(mask)))) return null;
    return [mask === undefined ? `${value}/0xffffffff` : `${value}/${hexOf(number(value) | number(mask))}`];
  },
});
const markRewrites = {
  'set-mark': setMark('set-xmark'),
  'and-mark': one('set-xmark', (m) => `0/${hexOf(~m)}`),
  'or-mark': one('set-xmark', (m) => `${hexOf(m)}/${hexOf(m)}`),
  'xor-mark': one('set-xmark', (m) => `${hexOf(m)}/0`),
};
const tosHex = (value: number): string => `0x${(value & 0xff).toString(16)}`;
const tosRewrites = {
  'and-tos': one('set-tos', (m) => `0/${tosHex(~m)}`),
  'or-tos': one('set-tos', (m) => `${tosHex(m)}/${tosHex(m)}`),
  'xor-tos': one('set-tos', (m) => `${tosHex(m)}/0`),
};
const savesOrRestores = (given: ReadonlySet<string>): string | null => (given.has('save-mark') || given.has('restore-mark') ? '0xffffffff' : null);
const LOG_LEVELS = { emerg: 0, panic: 0, alert: 1, crit: 2, error: 3, warning: 4, warn: 4, notice: 5, info: 6, debug: 7, ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [String(i), i])) };
const EVENTS = v.bits([
  ['new', 1], ['related', 2], ['destroy', 4], ['reply', 8], ['assured', 16], ['protoinfo', 32], ['helper', 64], ['mark', 128], ['natseqinfo', 256], ['secmark', 512],
]);
const EXPECTATION_EVENTS = v.bits([['new', 1]]);
const prefix = v.wide(PREFIX);
const anyZone = v.ZONE;
const HEX16 = v.number(0xffff, (value) => `0x${value.toString(16).padStart(4, '0')}`);

/** Targets without options whose name is the whole of them. */
export const VERDICTS: Readonly<Record<string, number>> = { ACCEPT: op.OP_ACCEPT, DROP: op.OP_DROP, RETURN: op.OP_RETURN };

export const TARGETS: readonly ExtensionSpec[] = [
  target('REJECT', op.OP_REJECT, [option('reject-with', [REJECT_4], { implied: () => 'icmp-port-unreachable', defaults: [3] })], { family: 4 }),
  target('REJECT', op.OP_REJECT, [option('reject-with', [REJECT_6], { implied: () => 'icmp6-port-unreachable', defaults: [4] })], { family: 6 }),
  target('LOG', op.OP_LOG, [
    option('log-prefix', [v.WORD]),
    option('log-level', [v.choice(LOG_LEVELS, String)], { hidden: '4', defaults: [4] }),
    option('log-tcp-sequence', []),
    option('log-tcp-options', []),
    option('log-ip-options', []),
    option('log-uid', []),
    option('log-macdecode', []),
  ]),
  target('NFLOG', op.OP_NFLOG, [
    option('nflog-prefix', [v.WORD]),
    option('nflog-group', [v.U16], { hidden: '0' }),
    option('nflog-range', [v.U32]),
    option('nflog-size', [v.U32]),
    option('nflog-threshold', [v.U16]),
  ]),
  target('ULOG', op.OP_NFLOG, [option('ulog-nlgroup', [v.U32]), option('ulog-prefix', [v.WORD]), option('ulog-cprange', [v.U32]), option('ulog-qthreshold', [v.U32])]),
  target('MARK', op.OP_SET_MARK, [option('set-xmark', [v.XMARK])], { rewrites: markRewrites }),
  target(
    'CONNMARK',
    op.OP_SET_CONNMARK,
    [
      option('set-xmark', [v.XMARK]),
      option('save-mark', []),
      option('restore-mark', []),
      option('nfmask', [v.HEX32], { defaults: [-1], implied: savesOrRestores }),
      option('ctmask', [v.HEX32], { defaults: [-1], implied: savesOrRestores }),
      option('left-shift-mark', [v.U8]),
      option('right-shift-mark', [v.U8]),
    ],
    { rewrites: { ...markRewrites, mask: { arguments: 1, to: 'nfmask,ctmask', values: ([m]) => [m as string] } } },
  ),
  target('CT', op.OP_CT, [
    option('notrack', []),
    option('helper', [v.NAME]),
    option('timeout', [v.NAME]),
    option('ctevents', [EVENTS]),
    option('expevents', [EXPECTATION_EVENTS]),
    option('zone-orig', [anyZone]),
    option('zone-reply', [anyZone]),
    option('zone', [anyZone]),
  ]),
  target('NOTRACK', op.OP_NOTRACK, []),
  target('DNAT', op.OP_DNAT, [option('to-destination', [NAT_RANGE]), option('random', []), option('persistent', [])]),
  target('SNAT', op.OP_SNAT, [option('to-source', [NAT_RANGE]), option('random', []), option('random-fully', []), option('persistent', [])]),
  target('MASQUERADE', op.OP_MASQUERADE, [option('to-ports', [v.PORT_SPAN], { defaults: [0, 0] }), option('random', []), option('random-fully', [])]),
  target('REDIRECT', op.OP_REDIRECT, [option('to-ports', [v.PORT_SPAN], { defaults: [0, 0] }), option('random', [])]),
  target('NETMAP', op.OP_NETMAP, [option('to', [v.wide(PREFIX)])]),
  target('TPROXY', op.OP_TPROXY, [
    option('on-port', [v.U16]),
    option('on-ip', [ADDRESS], { implied: (_, family) => (family === 4 ? '0.0.0.0' : '::') }),
    option('tproxy-mark', [v.XMARK], { implied: () => '0x0/0x0' }),
  ]),
  target('TCPMSS', op.OP_SET_MSS, [option('set-mss', [v.U16]), option('clamp-mss-to-pmtu', [])]),
  target('TTL', op.OP_SET_TTL, [option('ttl-set', [v.U8]), option('ttl-dec', [v.POSITIVE_U8]), option('ttl-inc', [v.POSITIVE_U8])], { family: 4 }),
  target('HL', op.OP_SET_TTL, [option('hl-set', [v.U8]), option('hl-dec', [v.POSITIVE_U8]), option('hl-inc', [v.POSITIVE_U8])], { family: 6 }),
  target('TOS', op.OP_SET_TOS, [option('set-tos', [v.TOS])], { rewrites: tosRewrites }),
  target('DSCP', op.OP_SET_DSCP, [option('set-dscp', [v.DSCP])], { rewrites: { 'set-dscp-class': { arguments: 1, to: 'set-dscp', values: v.dscpOfClass } } }),
  target('SET', op.OP_CHANGE_SET, [
    option('add-set', [v.NAME, SET_DIRECTIONS]),
    option('del-set', [v.NAME, SET_DIRECTIONS]),
    option('map-set', [v.NAME, SET_DIRECTIONS]),
    option('exist', []),
    option('timeout', [v.U32], { defaults: [-1] }),
    option('map-mark', []),
    option('map-prio', []),
    option('map-queue', []),
  ]),
  target('CLASSIFY', op.OP_CLASSIFY, [option('set-class', [v.CLASS])]),
  target('TRACE', op.OP_TRACE, []),
  target('CHECKSUM', op.OP_CHECKSUM, [option('checksum-fill', [])]),
  target('AUDIT', op.OP_AUDIT, [option('type', [v.choice({ accept: 0, drop: 1, reject: 2 })])]),
  target('NFQUEUE', op.OP_NFQUEUE, [
    option('queue-num', [v.U16], { implied: (given) => (given.has('queue-balance') ? null : '0') }),
    option('queue-balance', [v.QUEUE_RANGE]),
    option('queue-bypass', []),
    option('queue-cpu-fanout', []),
  ]),
  target('QUEUE', op.OP_NFQUEUE, []),
  target('ECN', op.OP_SET_ECN, [option('ecn-tcp-remove', []), option('ecn-tcp-cwr', [v.number(1)]), option('ecn-tcp-ece', [v.number(1)]), option('ecn-ip-ect', [v.number(3)])], { family: 4 }),
  target('TEE', op.OP_TEE, [option('gateway', [ADDRESS]), option('oif', [v.NAME])]),
  target('TCPOPTSTRIP', op.OP_TCPOPTSTRIP, [option('strip-options', [v.TCP_OPTION_LIST])]),
  target('SYNPROXY', op.OP_SYNPROXY, [
    option('sack-perm', []),
    option('timestamp', []),
    option('wscale', [v.U8]),
    option('mss', [v.U16]),
    option('ecn', []),
  ]),
  target('CONNSECMARK', op.OP_CONNSECMARK, [option('save', []), option('restore', [])]),
  target('SECMARK', op.OP_SECMARK, [option('selctx', [v.WORD])]),
  target('IDLETIMER', op.OP_IDLETIMER, [option('timeout', [v.U32]), option('label', [v.NAME]), option('alarm', []), option('send_nl_msg', [])]),
  target('LED', op.OP_LED, [option('led-trigger-id', [v.WORD]), option('led-delay', [v.NAME]), option('led-always-blink', [])]),
  target('RATEEST', op.OP_RATEEST_TARGET, [option('rateest-name', [v.NAME]), option('rateest-interval', [ESTIMATOR_TIME]), option('rateest-ewmalog', [ESTIMATOR_TIME])]),
  target('SNPT', op.OP_NPT, [option('src-pfx', [prefix]), option('dst-pfx', [prefix])], { family: 6 }),
  target('DNPT', op.OP_NPT, [option('src-pfx', [prefix]), option('dst-pfx', [prefix])], { family: 6 }),
  target(
    'HMARK',
    op.OP_HMARK,
    [
      option('hmark-src-prefix', [v.U8], { aliases: ['hmark-src-mask'] }),
      option('hmark-dst-prefix', [v.U8], { aliases: ['hmark-dst-mask'] }),
      option('hmark-sport-mask', [HEX16]),
      option('hmark-dport-mask', [HEX16]),
      option('hmark-spi-mask', [v.PADDED_HEX32]),
      option('hmark-sport', [HEX16]),
      option('hmark-dport', [HEX16]),
      option('hmark-spi', [v.PADDED_HEX32]),
      option('hmark-proto-mask', [v.number(0xffff, (value) => `0x${value.toString(16).padStart(2, '0')}`)]),
      option('hmark-rnd', [v.PADDED_HEX32]),
      option('hmark-mod', [v.U32]),
      option('hmark-offset', [v.U32]),
      option('hmark-tuple', [v.NAME]),
    ],
    { settle: settleHmark },
  ),
];
