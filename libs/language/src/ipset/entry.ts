/** An element of a set: `10.0.0.0/8,tcp:80-81,10.1.2.3` to a value and back. Ranges stay ranges; the kernel room takes them apart. */
import { formatAddress, maskWord, type Family, type IpAddress } from '@worldline/model';
import type { IpsetSpec } from './set-spec.js';
import { printProtocolPort, readPorts, readProtocolPort, type ProtocolPort } from './protocol-port.js';
import { fault, isFault, readAddress, readNumber, type Fault } from './read.js';

export interface EntryAddress {
  readonly family: Family;
  /** As written, host bits and all. */
  readonly address: IpAddress;
  /** Prefix length; the full one when none is written. */
  readonly length: number;
  /** The other end of `A-B`, else null. */
  readonly rangeEnd: IpAddress | null;
}

export interface IpsetEntry {
  /** One for each `ip` or `net` part, in order. */
  readonly addresses: readonly EntryAddress[];
  readonly port: ProtocolPort | null;
  /** Lower case; null where bitmap:ip,mac leaves it open. */
  readonly mac: string | null;
  readonly device: string | null;
  /** `physdev:` before the device: a port of a bridge. */
  readonly isPhysical: boolean;
  readonly mark: number | null;
  /** Member of a list:set. */
  readonly set: string | null;
}

const ORDINALS = ['First', 'Second', 'Third'];

/** Reads an element as the type of the set wants it. */
export function readEntry(spec: IpsetSpec, text: string): IpsetEntry | Fault {
  const { type } = spec;
  const words = text.split(',');
  if (words.length > type.parts.length) {
    if (type.parts.length === 1) return fault(`Syntax error: Elem separator in ${text}, but settype ${type.name} supports none.`, text);
    return fault(`Syntax error: Unexpected separator ',' before '${words[type.parts.length] as string}'`, text);
  }
  if (words.length < type.mandatoryParts) return fault(`Syntax error: ${ORDINALS[words.length] ?? ''} element is missing from ${text}.`, text);
  const draft: { -readonly [K in keyof IpsetEntry]: IpsetEntry[K] } = { ...NO_ENTRY };
  const addresses: EntryAddress[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    switch (type.parts[i]) {
      case 'ip':
      case 'net': {
        const address = readEntryAddress(spec, i, word);
        if (isFault(address)) return address;
        addresses.push(address);
        break;
      }
      case 'port': {
        const port = type.method === 'bitmap' ? readPorts(0, 'tcp', word.replace(/^.*:/, '')) : readProtocolPort(word, spec.family === 6 ? 6 : 4);
        if (isFault(port)) return port;
        draft.port = port;
        break;
      }
      case 'mac':
        if (!/^([0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/.test(word)) return fault(`Syntax error: cannot parse '${word}' as ethernet address`, word);
        draft.mac = word
          .split(':')
          .map((x) => x.padStart(2, '0').toLowerCase())
          .join(':');
        break;
      case 'iface': {
        draft.isPhysical = word.startsWith('physdev:');
        draft.device = draft.isPhysical ? word.slice('physdev:'.length) : word;
        if (draft.device.length > 15) return fault(`Syntax error: interface name '${draft.device}' is longer than 15 characters`, word);
        break;
      }
      case 'mark': {
        const mark = readNumber(word, 0, 0xffffffff);
        if (isFault(mark)) return mark;
        draft.mark = mark | 0;
        break;
      }
      case 'set':
        draft.set = word;
        break;
    }
  }
  draft.addresses = addresses;
  return draft;
}

/** Writes an element without ranges as `ipset save` does. */
export function printEntry(spec: IpsetSpec, entry: IpsetEntry): string {
  const words: string[] = [];
  let address = 0;
  for (const part of spec.type.parts) {
    switch (part) {
      case 'ip':
        words.push(formatAddress((entry.addresses[address++] as EntryAddress).address));
        break;
      case 'net': {
        const { address: network, length, family } = entry.addresses[address++] as EntryAddress;
        words.push(length === bitsOf(family) ? formatAddress(network) : `${formatAddress(network)}/${length}`);
        break;
      }
      case 'port': {
        const port = entry.port as ProtocolPort;
        words.push(spec.type.method === 'bitmap' ? String(port.from) : printProtocolPort(port.protocol, port.from));
        break;
      }
      case 'mac':
        if (entry.mac !== null) words.push(entry.mac.toUpperCase());
        break;
      case 'iface':
        words.push(`${entry.isPhysical ? 'physdev:' : ''}${entry.device ?? ''}`);
        break;
      case 'mark':
        words.push(`0x${((entry.mark ?? 0) >>> 0).toString(16).padStart(8, '0')}`);
        break;
      case 'set':
        words.push(entry.set ?? '');
        break;
    }
  }
  return words.join(',');
}

/** Why `ipset test` would not take an entry: it names more than one element. Null: it does not. */
export function refuseTested(spec: IpsetSpec, entry: IpsetEntry): string | null {
  const { type } = spec;
  const where = `is not allowed in command test with set type ${type.name} and family ${spec.family === 0 ? 'unspec' : spec.family === 6 ? 'inet6' : 'inet'}`;
  if (type.name === 'hash:ip') return null; // takes the first of them
  const kinds = type.parts.filter((part) => part === 'ip' || part === 'net');
  for (let i = 0; i < entry.addresses.length; i++) {
    const { rangeEnd, length, family } = entry.addresses[i] as EntryAddress;
    if (rangeEnd !== null && i === 0) return `FROM-TO IP range ${where}`;
    if (kinds[i] === 'ip' && length !== bitsOf(family)) return `IP/CIDR range ${where}`;
  }
  return entry.port !== null && entry.port.from !== entry.port.to ? `FROM-TO port range ${where}` : null;
}

export const NO_ENTRY: IpsetEntry = { addresses: [], port: null, mac: null, device: null, isPhysical: false, mark: null, set: null };

/** Width of an address in bits. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

function readEntryAddress(spec: IpsetSpec, part: number, word: string): EntryAddress | Fault {
  const family = spec.family === 6 ? 6 : 4;
  const isNetwork = spec.type.parts[part] === 'net';
  // A plain address: IPv6 outside networks, the second address of hash:ip,port,ip, and one with a MAC.
  const isPlain = !isNetwork && (family === 6 || part > 0 || spec.type.parts.includes('mac'));
  const slash = word.indexOf('/');
  const dash = word.indexOf('-');
  const isFull = slash >= 0 && Number(word.slice(slash + 1)) === bitsOf(family);
  if (isPlain && ((slash >= 0 && !isFull) || dash >= 0)) return fault(`Syntax error: plain IP address must be supplied: ${word}`, word);
  if (dash >= 0 && slash < 0) {
    if (family === 6) return fault(`Syntax error: cannot parse ${word}: resolving to IPv6 address failed`, word);
    const from = readAddress(word.slice(0, dash), family);
    const to = readAddress(word.slice(dash + 1), family);
    if (isFault(from)) return from;
    if (isFault(to)) return to;
    return { family, address: from, length: bitsOf(family), rangeEnd: to };
  }
  const length = slash < 0 ? bitsOf(family) : readNumber(word.slice(slash + 1), 0, bitsOf(family));
  if (isFault(length)) return length;
  const address = readAddress(slash < 0 ? word : word.slice(0, slash), family);
  if (isFault(address)) return address;
  return { family, address, length, rangeEnd: null };
}

/** The address with its host bits cleared. */
export function networkOf(address: IpAddress, length: number): IpAddress {
  const [w0, w1, w2, w3] = address.words;
  if (address.family === 4) return { family: 4, words: [0, 0, 0, w3 & maskWord(length, 0)] };
  return { family: 6, words: [w0 & maskWord(length, 0), w1 & maskWord(length, 1), w2 & maskWord(length, 2), w3 & maskWord(length, 3)] };
}
