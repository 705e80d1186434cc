/** Matches on what the kernel knows beside the packet: connections, marks, routes, sets, rates, sockets, devices. */
import * as op from './opcode.js';
import { match, option, type ExtensionSpec } from './extension.js';
import { settleConnbytes, settleConnlimit, settleHashlimit, settleString, settleTime } from './settle.js';
import { ADDRESS, BARE_PREFIX, UNMASKED_PREFIX } from './value/address.js';
import * as rate from './value/rate.js';
import * as v from './value/scalar.js';
import { CONNTRACK_STATES, CONNTRACK_STATUS, ROUTE_TYPES, SET_DIRECTIONS, STATES, HASHLIMIT_MODES } from './value/state-bits.js';

const inverted = { isInvertible: true };
const ANY_DATE = '2038-01-19T03:14:07';
const address = (which: number): { op: number; fixed: readonly number[]; isInvertible: boolean } => ({ op: op.OP_CONNTRACK_ADDRESS, fixed: [which], isInvertible: true });
const port = (which: number): { op: number; fixed: readonly number[]; isInvertible: boolean } => ({ op: op.OP_CONNTRACK_PORT, fixed: [which], isInvertible: true });
const physdevIs = (which: number): { op: number; fixed: readonly number[]; isInvertible: boolean } => ({ op: op.OP_PHYSDEV_IS, fixed: [which], isInvertible: true });
const comparisons = (name: string): ReturnType<typeof option>[] => [
  option(`${name}-eq`, [v.U64], { ...inverted, defaults: [0, 0] }),
  option(`${name}-lt`, [v.U64], { defaults: [0, 0] }),
  option(`${name}-gt`, [v.U64], { defaults: [0, 0] }),
];
const fullMask = (_: ReadonlySet<string>, family: number): string => (family === 4 ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');

export const STATE_MATCHES: readonly ExtensionSpec[] = [
  match('conntrack', [
    option('ctstate', [CONNTRACK_STATES], { op: op.OP_CONNTRACK_STATE, ...inverted }),
    option('ctproto', [v.PROTOCOL_NUMBER], { op: op.OP_CONNTRACK_PROTOCOL, ...inverted }),
    option('ctorigsrc', [UNMASKED_PREFIX], address(0)),
    option('ctorigdst', [UNMASKED_PREFIX], address(1)),
    option('ctreplsrc', [UNMASKED_PREFIX], address(2)),
    option('ctrepldst', [UNMASKED_PREFIX], address(3)),
    option('ctorigsrcport', [v.ANY_ORDER_PORTS], port(0)),
    option('ctorigdstport', [v.ANY_ORDER_PORTS], port(1)),
    option('ctreplsrcport', [v.ANY_ORDER_PORTS], port(2)),
    option('ctrepldstport', [v.ANY_ORDER_PORTS], port(3)),
    option('ctstatus', [CONNTRACK_STATUS], { op: op.OP_CONNTRACK_STATUS, ...inverted }),
    option('ctexpire', [v.ANY_ORDER_U32], { op: op.OP_CONNTRACK_EXPIRE, ...inverted }),
    option('ctdir', [v.choice({ original: 0, reply: 1 }, (d) => (d === 0 ? 'ORIGINAL' : 'REPLY'))], { op: op.OP_CONNTRACK_DIRECTION, ...inverted }),
  ]),
  match('state', [option('state', [STATES], { op: op.OP_CONNTRACK_STATE, ...inverted })]),
  match('mark', [option('mark', [v.MARK], { op: op.OP_MARK, ...inverted })]),
  match('connmark', [option('mark', [v.MARK], { op: op.OP_CONNMARK, ...inverted })]),
  match('comment', [option('comment', [v.WORD], { op: op.OP_COMMENT })]),
  match(
    'addrtype',
    [
      option('src-type', [ROUTE_TYPES], { ...inverted }),
      option('dst-type', [ROUTE_TYPES], { ...inverted }),
      option('limit-iface-in', []),
      option('limit-iface-out', []),
    ],
    { op: op.OP_ADDRTYPE },
  ),
  match(
    'set',
    [
      option('match-set', [v.NAME, SET_DIRECTIONS], { ...inverted, aliases: ['set'] }),
      option('return-nomatch', []),
      option('update-counters', [], { ...inverted }),
      option('update-subcounters', [], { ...inverted }),
      ...comparisons('packets'),
      ...comparisons('bytes'),
    ],
    { op: op.OP_SET },
  ),
  match(
    'statistic',
    [
      option('mode', [v.choice({ random: 0, nth: 1 })]),
      option('probability', [rate.PROBABILITY], { ...inverted }),
      option('every', [v.U32], { ...inverted }),
      option('packet', [v.U32]),
    ],
    { op: op.OP_STATISTIC },
  ),
  match(
    'recent',
    [
      option('set', [], { ...inverted }),
      option('rcheck', [], { ...inverted }),
      option('update', [], { ...inverted }),
      option('remove', [], { ...inverted }),
      option('seconds', [v.U32]),
      option('reap', []),
      option('hitcount', [v.U32]),
      option('rttl', []),
      option('name', [v.NAME], { implied: () => 'DEFAULT' }),
      option('mask', [ADDRESS], { implied: fullMask }),
      option('rsource', [], { implied: (given) => (given.has('rdest') ? null : '') }),
      option('rdest', []),
    ],
    { op: op.OP_RECENT },
  ),
  match(
    'limit',
    [option('limit', [rate.LIMIT_RATE], { implied: () => '3/hour', defaults: [0, 3600 * (rate.LIMIT_SCALE / 3)] }), option('limit-burst', [v.U32], { hidden: '5', defaults: [5] })],
    { op: op.OP_LIMIT },
  ),
  match(
    'hashlimit',
    [
      option('hashlimit-upto', [rate.HASHLIMIT_RATE], { ...inverted, aliases: ['hashlimit'] }),
      option('hashlimit-above', [rate.HASHLIMIT_RATE], { ...inverted }),
      option('hashlimit-burst', [rate.HASHLIMIT_BURST]),
      option('hashlimit-mode', [HASHLIMIT_MODES]),
      option('hashlimit-name', [v.NAME]),
      option('hashlimit-htable-size', [v.U32]),
      option('hashlimit-htable-max', [v.U32]),
      option('hashlimit-htable-gcinterval', [v.U32], { hidden: '1000' }),
      option('hashlimit-htable-expire', [v.U32]),
      option('hashlimit-srcmask', [v.number(128)], { defaults: [-1] }),
      option('hashlimit-dstmask', [v.number(128)], { defaults: [-1] }),
      option('hashlimit-rate-match', []),
      option('hashlimit-rate-interval', [v.U32]),
    ],
    { op: op.OP_HASHLIMIT, settle: settleHashlimit },
  ),
  match(
    'connlimit',
    [
      option('connlimit-upto', [v.U32], { ...inverted }),
      option('connlimit-above', [v.U32], { ...inverted }),
      option('connlimit-mask', [v.number(128)], { implied: (_, family) => (family === 4 ? '32' : '128'), defaults: [-1] }),
      option('connlimit-saddr', [], { implied: (given) => (given.has('connlimit-daddr') ? null : '') }),
      option('connlimit-daddr', []),
    ],
    { op: op.OP_CONNLIMIT, settle: settleConnlimit },
  ),
  match(
    'connbytes',
    [
      option('connbytes', [v.U64_RANGE], { ...inverted }),
      option('connbytes-mode', [v.choice({ packets: 0, bytes: 1, avgpkt: 2 })]),
      option('connbytes-dir', [v.choice({ original: 0, reply: 1, both: 2 })]),
    ],
    { op: op.OP_CONNBYTES, settle: settleConnbytes },
  ),
  match('connlabel', [option('label', [v.QUOTED_WORD], { ...inverted }), option('set', [])], { op: op.OP_CONNLABEL }),
  match('physdev', [
    option('physdev-is-in', [], physdevIs(0)),
    option('physdev-in', [v.NAME], { op: op.OP_PHYSDEV_INPUT, ...inverted }),
    option('physdev-is-out', [], physdevIs(1)),
    option('physdev-out', [v.NAME], { op: op.OP_PHYSDEV_OUTPUT, ...inverted }),
    option('physdev-is-bridged', [], physdevIs(2)),
  ]),
  match('rpfilter', [option('loose', []), option('validmark', []), option('accept-local', []), option('invert', [])], { op: op.OP_RPFILTER }),
  match('socket', [option('transparent', []), option('nowildcard', []), option('restore-skmark', [])], { op: op.OP_SOCKET }),
  match('owner', [
    option('socket-exists', [], { op: op.OP_SOCKET_EXISTS, ...inverted }),
    option('uid-owner', [v.OWNER], { op: op.OP_OWNER, fixed: [0], ...inverted }),
    option('gid-owner', [v.OWNER], { op: op.OP_OWNER, fixed: [1], ...inverted }),
    option('suppl-groups', [], { op: op.OP_OWNER, fixed: [2, 0, 0] }),
  ]),
  match(
    'string',
    [
      option('string', [v.QUOTED_WORD], { ...inverted }),
      option('hex-string', [v.HEX_STRING], { ...inverted }),
      option('algo', [v.choice({ bm: 0, kmp: 1 })]),
      option('from', [v.U16], { hidden: '0' }),
      option('to', [v.U16], { hidden: '65535', defaults: [65535] }),
      option('icase', []),
    ],
    { op: op.OP_STRING, settle: settleString },
  ),
  match('u32', [option('u32', [v.U32_PROGRAM], { op: op.OP_U32, ...inverted })]),
  match('bpf', [option('bytecode', [v.QUOTED_WORD], { op: op.OP_BPF }), option('object-pinned', [v.NAME], { op: op.OP_UNMODELLED_MATCH })]),
  match(
    'time',
    [
      option('timestart', [rate.TIME_OF_DAY]),
      option('timestop', [rate.TIME_OF_DAY], { defaults: [86399] }),
      option('monthdays', [rate.MONTHDAYS_KIND], { ...inverted, complement: (bits) => ~bits & ~1 }),
      option('weekdays', [rate.WEEKDAYS_KIND], { ...inverted, complement: (bits) => ~bits & 0xfe }),
      option('datestart', [rate.DATE], { hidden: '1970-01-01T00:00:00' }),
      option('datestop', [rate.DATE], { defaults: [0x7fffffff], implied: () => ANY_DATE }),
      option('kerneltz', [], { aliases: ['localtz'] }),
      option('utc', []),
      option('contiguous', []),
    ],
    { op: op.OP_TIME, settle: settleTime },
  ),
  match('quota', [option('quota', [v.U64], { ...inverted })], { op: op.OP_QUOTA }),
  match('cpu', [option('cpu', [v.U32], { op: op.OP_CPU, ...inverted })]),
  match('cgroup', [option('path', [v.QUOTED_WORD], { op: op.OP_CGROUP, fixed: [0], ...inverted }), option('cgroup', [v.U32], { op: op.OP_CGROUP, fixed: [1], ...inverted })]),
  match('nfacct', [option('nfacct-name', [v.NAME], { op: op.OP_NFACCT })]),
  match('helper', [option('helper', [v.NAME], { op: op.OP_HELPER, ...inverted })]),
  match('realm', [option('realm', [v.REALM], { op: op.OP_REALM, ...inverted })]),
  match('devgroup', [
    option('src-group', [v.DEVICE_GROUP], { op: op.OP_DEVICE_GROUP, fixed: [0], ...inverted }),
    option('dst-group', [v.DEVICE_GROUP], { op: op.OP_DEVICE_GROUP, fixed: [1], ...inverted }),
  ]),
  match(
    'policy',
    [
      option('dir', [v.choice({ in: 0, out: 1 })]),
      option('pol', [v.choice({ none: 0, ipsec: 1 })]),
      option('strict', []),
      option('reqid', [v.U32], { ...inverted }),
      option('spi', [v.HEX32], { ...inverted }),
      option('proto', [v.PROTOCOL], { ...inverted }),
      option('mode', [v.choice({ transport: 0, tunnel: 1 })], { ...inverted }),
      option('tunnel-dst', [v.wide(BARE_PREFIX)], { ...inverted }),
      option('tunnel-src', [v.wide(BARE_PREFIX)], { ...inverted }),
      option('next', []),
    ],
    { op: op.OP_POLICY },
  ),
  match(
    'ipvs',
    [
      option('ipvs', [], { ...inverted }),
      option('vproto', [v.PROTOCOL_NUMBER], { ...inverted }),
      option('vaddr', [v.wide(UNMASKED_PREFIX)], { ...inverted }),
      option('vport', [v.PORT], { ...inverted }),
      option('vdir', [v.choice({ original: 0, reply: 1 }, (d) => (d === 0 ? 'ORIGINAL' : 'REPLY'))], { ...inverted }),
      option('vmethod', [v.choice({ gate: 0, ipip: 1, masq: 2 }, (m) => ['GATE', 'IPIP', 'MASQ'][m] as string)], { ...inverted }),
      option('vportctl', [v.U16], { ...inverted }),
    ],
    { op: op.OP_IPVS },
  ),
  match(
    'rateest',
    [
      option('rateest-delta', []),
      option('rateest1', [v.NAME]),
      option('rateest', [v.NAME]),
      option('rateest-bps1', [rate.BIT_RATE]),
      option('rateest-pps1', [v.U32]),
      option('rateest-lt', [], { ...inverted }),
      option('rateest-gt', [], { ...inverted }),
      option('rateest-eq', [], { ...inverted }),
      option('rateest-bps', [rate.BIT_RATE]),
      option('rateest-pps', [v.U32]),
      option('rateest-bps2', [rate.BIT_RATE]),
      option('rateest-pps2', [v.U32]),
      option('rateest2', [v.NAME]),
    ],
    { op: op.OP_RATEEST },
  ),
  match(
    'cluster',
    [
      option('cluster-local-nodemask', [v.PADDED_HEX32], { ...inverted }),
      option('cluster-total-nodes', [v.U32]),
      option('cluster-hash-seed', [v.PADDED_HEX32]),
    ],
    { op: op.OP_CLUSTER, rewrites: { 'cluster-local-node': { arguments: 1, to: 'cluster-local-nodemask', values: ([n]) => [String(1 << (Number(n) - 1))] } } },
  ),
];
