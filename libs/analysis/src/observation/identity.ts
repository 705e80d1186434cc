/** Which probe a packet belongs to: marks in payloads, sequence numbers of TCP connections, identifications of fragments. */
import type { ProbeId } from '@worldline/model';
import { flagNames, textOf } from './headers.js';
import type { Headers } from './headers.js';

/** What a packet is within its exchange: the same at every hop. */
export type PacketKind =
  | { readonly of: 'datagram'; readonly what: 'request' | 'reply'; readonly offset: number | null }
  | { readonly of: 'segment'; readonly side: 'client' | 'server'; readonly flags: string; readonly seq: number; readonly ack: number; readonly length: number }
  | { readonly of: 'quoted'; readonly side: 'client' | 'server' }
  | { readonly of: 'error'; readonly type: number; readonly code: number; readonly about: PacketKind };

export interface Identity extends ProbeId {
  readonly kind: PacketKind;
  /** Equal for equal packets of one exchange. */
  readonly key: string;
}

/** One TCP connection, or the hand-made segments of one flow. */
interface Connection extends ProbeId {
  readonly client: number;
  server: number | null;
  /** How many sequence numbers each side may use. */
  readonly room: number;
  /** Hand-made segments are so far apart; 0: one connection. */
  readonly step: number;
  lastIndex: number;
}

const MARK = /W([QR])(\d{4})\.(\d{4})\|/;
const MARK_SEARCHED = 200;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** The mark of a payload's beginning. */
export function markOf(head: Uint8Array): (ProbeId & { readonly isQuestion: boolean }) | null {
  const found = MARK.exec(textOf(head.subarray(0, MARK_SEARCHED)));
  return found ? { isQuestion: found[1] === 'Q', flow: Number(found[2]), index: Number(found[3]) } : null;
}

/** `request`, `reply`, `icmp-error`, `request-fragment@8`; of a segment what its flags and payload say. */
export function whatOf(kind: PacketKind): string {
  switch (kind.of) {
    case 'datagram':
      return kind.offset === null ? kind.what : `${kind.what}-fragment@${kind.offset}`;
    case 'error':
      return 'icmp-error';
    case 'quoted':
      return 'quoted';
    case 'segment':
      return segmentWhat(kind.flags, kind.side === 'client', kind.length);
  }
}

/** Whose packet it is, or whose an error quotes. */
export function isOfRequest(kind: PacketKind): boolean {
  switch (kind.of) {
    case 'datagram':
      return kind.what === 'request';
    case 'error':
      return isOfRequest(kind.about);
    default:
      return kind.side === 'client';
  }
}

/** The same for a segment: by its flags and payload, whoever made it. */
export function segmentWhat(flags: string, isClient: boolean, length: number): string {
  const set = flags.split(',');
  if (set.includes('RST')) return isClient ? 'client-rst' : 'rst';
  if (set.includes('SYN')) return set.includes('ACK') ? 'synack' : 'syn';
  if (set.includes('FIN')) return isClient ? 'fin' : 'server-fin';
  if (length > 0) return isClient ? 'data' : 'echo';
  return isClient ? 'ack' : 'server-ack';
}

function keyText(kind: PacketKind): string {
  switch (kind.of) {
    case 'datagram':
      return `${kind.what}@${kind.offset}`;
    case 'segment':
      return `${kind.side} ${kind.flags} ${kind.seq} ${kind.ack} ${kind.length}`;
    case 'quoted':
      return `quoted ${kind.side}`;
    case 'error':
      return `error ${kind.type}/${kind.code} ${keyText(kind.about)}`;
  }
}

const ahead = (a: number, b: number): number => (a - b) >>> 0;

export class Identifier {
  private readonly connections: Connection[] = [];
  private readonly fragments = new Map<string, Identity>();

  /** `client`: the first sequence number of the side that asks. */
  learn(id: ProbeId, { client, server, room, step }: { client: number; server: number | null; room: number; step: number }): void {
    this.connections.push({ ...id, client, server, room, step, lastIndex: id.index });
  }

  isKnown(client: number): boolean {
    return this.connections.some((c) => c.client === client);
  }

  /** Whose packet it is; null: none of ours. Packets come in order of time. */
  identify(headers: Headers | null, isQuoted = false): Identity | null {
    if (headers === null) return null;
    if (headers.name === 'fragment') return this.laterFragment(headers);
    // first what a tunnel carries: its own payload holds the inner packet's mark
    const carried = headers.inside ? this.identify(headers.inside, isQuoted) : null;
    if (carried) return carried;
    if (headers.tcp) return this.segment(headers, isQuoted);
    if (headers.icmp?.quoted !== undefined) return this.error(headers, isQuoted);
    return headers.name === 'udp' || headers.icmp ? this.datagram(headers, isQuoted) : null;
  }

  private laterFragment(headers: Headers): Identity | null {
    const first = this.fragments.get(fragmentKey(headers));
    return first && first.kind.of === 'datagram' ? identity(first, { ...first.kind, offset: headers.offset }) : null;
  }

  private error(headers: Headers, isQuoted: boolean): Identity | null {
    const about = this.identify(headers.icmp?.quoted ?? null, true);
    if (!about || isQuoted || !headers.icmp) return about;
    return identity(about, { of: 'error', type: headers.icmp.type, code: headers.icmp.code, about: about.kind });
  }

  private datagram(headers: Headers, isQuoted: boolean): Identity | null {
    const mark = markOf(headers.payload);
    if (!mark) return null;
    const isQuestion = headers.icmp ? headers.icmp.type === 8 || headers.icmp.type === 128 : mark.isQuestion;
    const isFirst = headers.isMore && !isQuoted;
    const whole = identity(mark, { of: 'datagram', what: isQuestion ? 'request' : 'reply', offset: isFirst ? 0 : null });
    if (isFirst) this.fragments.set(fragmentKey(headers), whole);
    return whole;
  }

  private segment(headers: Headers, isQuoted: boolean): Identity | null {
    const { seq, ack, flags, dataLength } = headers.tcp as NonNullable<Headers['tcp']>;
    for (const c of this.connections) {
      const side = sideOf(c, seq, ack, flags);
      if (side === null) continue;
      const index = this.indexOf(c, side, seq);
      if (isQuoted) return identity({ flow: c.flow, index }, { of: 'quoted', side });
      if (side === 'server' && (flags & (SYN | ACK)) === (SYN | ACK) && c.server === null) c.server = seq;
      const isBareReset = side === 'server' && (flags & RST) !== 0 && (flags & ACK) === 0;
      const [own, other] = side === 'client' ? [c.client, c.server] : [c.server, c.client];
      const relative = {
        seq: isBareReset || own === null ? 0 : ahead(seq, own),
        ack: isBareReset || other === null || (flags & ACK) === 0 ? 0 : ahead(ack, other),
      };
      return identity({ flow: c.flow, index }, { of: 'segment', side, flags: flagNames(flags), ...relative, length: dataLength });
    }
    return null;
  }

  /** Answers to hand-made segments belong to the latest of them. */
  private indexOf(c: Connection, side: 'client' | 'server', seq: number): number {
    if (c.step === 0) return c.index;
    if (side === 'client') c.lastIndex = Math.floor(ahead(seq, c.client) / c.step);
    return c.lastIndex;
  }
}

function sideOf(c: Connection, seq: number, ack: number, flags: number): 'client' | 'server' | null {
  if (ahead(seq, c.client) < c.room) return 'client';
  if ((flags & ACK) !== 0 && ahead(ack, c.client) < c.room) return 'server';
  return c.server !== null && flags !== 0 && ahead(seq, c.server) < c.room ? 'server' : null;
}

function identity({ flow, index }: ProbeId, kind: PacketKind): Identity {
  return { flow, index, kind, key: `${flow}/${index} ${keyText(kind)}` };
}

function fragmentKey({ id, protocol }: Headers): string {
  return `${id} ${protocol}`;
}
