/**
 * `conntrack -L [-f ipv6] [-o extended]`: one entry a line, both families in one text.
 *
 *   ipv4     2 udp      17 29 src=A dst=B sport=1 dport=2 [UNREPLIED] src=B dst=A sport=2 dport=1 mark=0 use=1
 */
import { parseAddress, type ConntrackCapture, type Family, type Issue, type TupleCapture } from '@worldline/model';

export interface ConntrackEntries {
  readonly entries: readonly ConntrackCapture[];
  readonly issues: readonly Issue[];
}

/** Reads the entries of a dump; lines that are none become Issues and are left out, words that are unknown are kept as extras. */
export function parseConntrackEntries(text: string, file: string): ConntrackEntries {
  const entries: ConntrackCapture[] = [];
  const issues: Issue[] = [];
  let line = 0;
  for (let start = 0; start < text.length; ) {
    line++;
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const words = text.slice(start, end).split(/\s+/).filter(Boolean);
    start = end + 1;
    if (words.length === 0 || (words[0] as string) === 'conntrack') continue; // the tool's own last line
    const entry = new EntryReader(words, file, line, issues).read();
    if (entry !== null) entries.push(entry);
  }
  return { entries, issues };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class EntryReader {
  private at = 0;
  private readonly original = emptyTuple();
  private readonly reply = emptyTuple();
  private isReplied = true;
  private isAssured = false;
  private mark = 0;
  private zone = 0;
  private readonly extras: string[] = [];

  constructor(
    private readonly words: readonly string[],
    private readonly file: string,
    private readonly line: number,
    private readonly issues: Issue[],
  ) {}

  read(): ConntrackCapture | null {
    let family: Family | null = null;
    if (this.word() === 'ipv4' || this.word() === 'ipv6') {
      family = this.word() === 'ipv4' ? 4 : 6;
      this.at += 2;
    }
    const protocol = numberOf(this.words[this.at + 1]);
    if (protocol === null || protocol > 255) return this.refuse(this.words[this.at + 1] ?? this.word(), 'is not a protocol number');
    this.at += 2;
    const timeout = numberOf(this.words[this.at]);
    if (timeout !== null) this.at++; // offloaded entries are printed without
    const state = /^[A-Z][A-Z0-9_]*$/.test(this.word()) ? this.word() : null;
    if (state !== null) this.at++;
    if (!this.readFields()) return null;
    const source = parseAddress(this.original.source);
    const reply = parseAddress(this.reply.source);
    if (source === null || reply === null) return this.refuse(this.words[this.words.length - 1] as string, 'ends an entry without both directions');
    family ??= source.family;
    if (source.family !== family || reply.family !== family) return this.refuse(this.original.source, `is not an address of ipv${family}`);
    return {
      family,
      protocol,
      timeout: timeout ?? 0,
      state,
      original: this.original,
      reply: this.reply,
      isReplied: this.isReplied,
      isAssured: this.isAssured,
      mark: this.mark,
      zone: this.zone,
      extras: this.extras,
      line: this.line,
    };
  }

  private readFields(): boolean {
    let tuple: Mutable<TupleCapture> | null = null;
    for (; this.at < this.words.length; this.at++) {
      const word = this.word();
      const equals = word.indexOf('=');
      const key = equals < 0 ? word : word.slice(0, equals);
      const value = word.slice(equals + 1);
      if (key === 'src') tuple = tuple === null ? this.original : this.reply;
      const isRead = this.readField(tuple, key, value);
      if (isRead === 'unknown') {
        this.extras.push(word);
        this.report('UnknownConntrackWord', 'info', word, 'is not a word of a connection tracking entry; kept as it is');
      } else if (isRead === 'bad') {
        this.refuse(word, 'is not a value');
        return false;
      }
    }
    return true;
  }

  private readField(tuple: Mutable<TupleCapture> | null, key: string, value: string): 'ok' | 'bad' | 'unknown' {
    switch (key) {
      case 'src':
      case 'dst': {
        if (tuple === null || parseAddress(value) === null) return 'bad';
        if (key === 'src') tuple.source = value;
        else tuple.destination = value;
        return 'ok';
      }
      case '[UNREPLIED]':
        this.isReplied = false;
        return 'ok';
      case '[ASSURED]':
        this.isAssured = true;
        return 'ok';
      case '[OFFLOAD]':
      case '[HW_OFFLOAD]':
      case 'secctx':
      case 'use':
      case 'labels':
      case 'helper':
      case 'delta-time':
      case 'packets':
      case 'bytes':
        this.extras.push(this.word());
        return 'ok';
      default:
        return this.readNumber(tuple, key, value);
    }
  }

  private readNumber(tuple: Mutable<TupleCapture> | null, key: string, value: string): 'ok' | 'bad' | 'unknown' {
    const number = numberOf(value);
    const target = tuple ?? this.original;
    switch (key) {
      case 'sport':
      case 'srckey':
        if (number !== null) target.sourcePort = number;
        break;
      case 'dport':
      case 'dstkey':
        if (number !== null) target.destinationPort = number;
        break;
      case 'type':
        if (number !== null) target.icmpType = number;
        break;
      case 'code':
        if (number !== null) target.icmpCode = number;
        break;
      case 'id':
        // The id of an ICMP tuple, or at the very end that of the entry (-o id).
        if (this.isEntryId()) this.extras.push(this.word());
        else if (number !== null) {
          target.sourcePort = number;
          target.destinationPort = number;
        }
        break;
      case 'zone-orig':
        if (number !== null) this.original.zone = number;
        break;
      case 'zone-reply':
        if (number !== null) this.reply.zone = number;
        break;
      case 'mark':
        if (number !== null) this.mark = number;
        break;
      case 'zone':
        if (number !== null) this.zone = number;
        break;
      default:
        return 'unknown';
    }
    return number === null ? 'bad' : 'ok';
  }

  private isEntryId(): boolean {
    return (this.words[this.at - 1] ?? '').startsWith('use=');
  }

  private word(): string {
    return this.words[this.at] ?? '';
  }

  private refuse(word: string, why: string): null {
    this.report('BrokenConntrackEntry', 'warning', word, `${why}; the entry is left out`);
    return null;
  }

  private report(code: string, severity: Issue['severity'], word: string, message: string): void {
    this.issues.push({ code, severity, file: this.file, line: this.line, word, message: `\`${word}' ${message}` });
  }
}

function emptyTuple(): Mutable<TupleCapture> {
  return { source: '', destination: '', sourcePort: 0, destinationPort: 0, icmpType: 0, icmpCode: 0, zone: 0 };
}

function numberOf(word: string | undefined): number | null {
  if (word === undefined || !/^(\d+|0x[0-9a-fA-F]+)$/.test(word)) return null;
  return Number(word);
}
