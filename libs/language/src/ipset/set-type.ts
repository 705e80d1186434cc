/** The set types of ipset 7.x: what an element is made of, and which options `create` and `add` take. */

/** One comma-separated part of an element. `net` is an address with a prefix length. */
export type SetPart = 'ip' | 'net' | 'port' | 'mac' | 'iface' | 'mark' | 'set';

export interface SetType {
  readonly name: string;
  readonly method: 'bitmap' | 'hash' | 'list';
  readonly parts: readonly SetPart[];
  /** Names that older versions gave the type and that are still read. */
  readonly aliases: readonly string[];
  /** Options of `create` beside the common ones, in the order in which `save` prints them. */
  readonly createOptions: readonly CreateOption[];
  /** How many parts, counted from the first, an element must name. */
  readonly mandatoryParts: number;
}

export type CreateOption = 'range' | 'netmask' | 'bitmask' | 'markmask' | 'size' | 'family' | 'hashsize' | 'maxelem' | 'forceadd';

const HASH: readonly CreateOption[] = ['family', 'hashsize', 'maxelem', 'forceadd'];
const HASH_MASKED: readonly CreateOption[] = ['family', 'hashsize', 'maxelem', 'netmask', 'bitmask', 'forceadd'];

export const SET_TYPES: readonly SetType[] = [
  bitmap('bitmap:ip', ['ip'], ['ipmap'], ['range', 'netmask']),
  { ...bitmap('bitmap:ip,mac', ['ip', 'mac'], ['macipmap'], ['range']), mandatoryParts: 1 },
  bitmap('bitmap:port', ['port'], ['portmap'], ['range']),
  hash('hash:ip', ['ip'], ['iphash'], HASH_MASKED),
  hash('hash:mac', ['mac'], ['machash'], ['hashsize', 'maxelem', 'forceadd']),
  hash('hash:ip,mac', ['ip', 'mac'], ['ipmachash'], HASH),
  hash('hash:ip,mark', ['ip', 'mark'], ['ipmarkhash'], ['family', 'markmask', 'hashsize', 'maxelem', 'forceadd']),
  hash('hash:ip,port', ['ip', 'port'], ['ipporthash'], HASH_MASKED),
  hash('hash:ip,port,ip', ['ip', 'port', 'ip'], ['ipportiphash'], HASH),
  hash('hash:ip,port,net', ['ip', 'port', 'net'], ['ipportnethash'], HASH),
  hash('hash:net', ['net'], ['nethash'], HASH),
  hash('hash:net,net', ['net', 'net'], ['netnethash'], HASH_MASKED),
  hash('hash:net,port', ['net', 'port'], ['netporthash'], HASH),
  hash('hash:net,port,net', ['net', 'port', 'net'], ['netportnethash'], HASH),
  hash('hash:net,iface', ['net', 'iface'], ['netifacehash'], HASH),
  { name: 'list:set', method: 'list', parts: ['set'], aliases: ['setlist'], createOptions: ['size'], mandatoryParts: 1 },
];

/** The type of that name or alias, or null. */
export function findSetType(name: string): SetType | null {
  return SET_TYPES.find((t) => t.name === name || t.aliases.includes(name)) ?? null;
}

/** Whether members may say `nomatch`: those with a network among their parts. */
export function hasNomatch(type: SetType): boolean {
  return type.parts.includes('net');
}

function bitmap(name: string, parts: readonly SetPart[], aliases: readonly string[], createOptions: readonly CreateOption[]): SetType {
  return { name, method: 'bitmap', parts, aliases, createOptions, mandatoryParts: parts.length };
}

function hash(name: string, parts: readonly SetPart[], aliases: readonly string[], createOptions: readonly CreateOption[]): SetType {
  return { name, method: 'hash', parts, aliases, createOptions, mandatoryParts: parts.length };
}
