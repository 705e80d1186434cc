/**
 * Most rules of a dump are written alike but for their values. A form is how such rules are written: the pieces of text between the values.
 * Once a form is known, a rule of it is read by comparing whole pieces, and only its values are looked up word by word.
 *
 * Forms make a tree: from the place behind a chain's name or a value, edges lead over a piece of text to the next value, or to the end of
 * the line.
 */

/** Nobody writes as many; what is written in ever other ways is read word by word. */
const MOST_FORMS = 4096;
const MOST_EDGES = 24;

export class FormNode {
  /** Longer pieces first: one may be the beginning of another. */
  readonly edges: FormEdge[] = [];
}

export class FormEdge {
  /** The value that stood here the last time. */
  last = 0;

  constructor(
    /** The piece, from the blank before its first word to the blank behind its last, or to the end of the line. */
    readonly piece: Piece,
    readonly words: Int32Array,
    /** Whether the value names the chain that is jumped to. */
    readonly isJump: boolean,
    /** Number of the form that ends here, 0: a value follows. */
    readonly form: number,
    readonly next: FormNode,
  ) {}
}

/** A piece of text, to be compared four bytes at a time. */
class Piece {
  readonly length: number;
  /** All bytes but the last four. */
  private readonly quads: Int32Array;
  private readonly last: number;

  constructor(view: DataView, start: number, length: number) {
    this.length = length;
    this.quads = new Int32Array(Math.max(0, (length - 1) >> 2));
    for (let i = 0; i < this.quads.length; i++) this.quads[i] = view.getInt32(start + 4 * i, true);
    this.last = tail(view, start, length);
  }

  /** Whether the piece stands at a place of a text. */
  isAt(view: DataView, at: number): boolean {
    const { length, quads } = this;
    if (at + length > view.byteLength) return false;
    for (let i = 0; i < quads.length; i++) if (view.getInt32(at + 4 * i, true) !== quads[i]) return false;
    return this.last === (length < 4 ? tail(view, at, length) : view.getInt32(at + length - 4, true));
  }

  isSame(other: Piece): boolean {
    return this.length === other.length && this.last === other.last && this.quads.every((quad, i) => quad === other.quads[i]);
  }
}

/** The last four bytes as one integer, or as many as there are. */
function tail(view: DataView, at: number, length: number): number {
  if (length >= 4) return view.getInt32(at + length - 4, true);
  let value = 0;
  for (let i = 0; i < length; i++) value = (value << 8) | view.getUint8(at + i);
  return value;
}

/** The words of one line, as they were read. */
export class WordPlaces {
  readonly words: number[] = [];
  /** First byte of each word, and the one behind its last. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  add(word: number, start: number, end: number): void {
    this.words.push(word);
    this.starts.push(start);
    this.ends.push(end);
  }

  clear(): void {
    this.words.length = 0;
    this.starts.length = 0;
    this.ends.length = 0;
  }
}

const SPACE = 32;
const NEWLINE = 10;
const QUOTE = 34;
const DASH = 45;
const EXCLAMATION = 33;
const M = 109;
const P = 112;
const J = 106;
const G = 103;

export class RuleForms {
  readonly root = new FormNode();
  /** By form: which of its words are values, counted from 0. Form 0 is none. */
  readonly values: Int32Array[] = [new Int32Array(0)];

  readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Learns how a line is written, from the end of its chain's name on; the number of its form, 0 when it has none. */
  learn(places: WordPlaces, begin: number, isChain: (word: number, length: number) => boolean): number {
    const { bytes } = this;
    const { words, starts, ends } = places;
    const count = words.length;
    if (count === 0 || this.values.length === MOST_FORMS || bytes[ends[count - 1]] !== NEWLINE) return 0;
    const values: number[] = [];
    for (let i = 0; i < count; i++) {
      // Pieces are compared byte by byte
      if (starts[i] !== (i === 0 ? begin : ends[i - 1]) + 1 || bytes[starts[i] - 1] !== SPACE) return 0;
      const isArgument = bytes[starts[i]] !== DASH && bytes[starts[i]] !== EXCLAMATION;
      const option = i > 0 ? this.letterOf(starts[i - 1], ends[i - 1]) : 0;
      const isValue = isArgument && option !== M && option !== P && ((option !== J && option !== G) || isChain(words[i], ends[i] - starts[i]));
      if (isValue) values.push(i);
      else if (bytes[starts[i]] === QUOTE) return 0;
    }
    return this.enter(places, begin, values);
  }

  /** The letter of an option of one letter, 0 for other words. */
  private letterOf(start: number, end: number): number {
    return end - start === 2 && this.bytes[start] === DASH ? this.bytes[start + 1] : 0;
  }

  private enter({ words, starts, ends }: WordPlaces, begin: number, values: readonly number[]): number {
    const form = this.values.length;
    let node = this.root;
    let at = begin;
    let from = 0;
    for (const value of [...values, words.length]) {
      const isEnd = value === words.length;
      const end = isEnd ? ends[value - 1] + 1 : starts[value];
      const piece = new Piece(this.view, at, end - at);
      const known = isEnd ? undefined : node.edges.find((e) => e.form === 0 && e.piece.isSame(piece));
      if (known === undefined) {
        if (node.edges.length === MOST_EDGES) return 0;
        const option = value > from ? this.letterOf(starts[value - 1], ends[value - 1]) : 0;
        const edge = new FormEdge(piece, Int32Array.from(words.slice(from, value)), !isEnd && (option === J || option === G), isEnd ? form : 0, new FormNode());
        node.edges.push(edge);
        node.edges.sort((a, b) => b.piece.length - a.piece.length);
        node = edge.next;
      } else node = known.next;
      if (isEnd) break;
      at = ends[value];
      from = value + 1;
    }
    this.values.push(Int32Array.from(values));
    return form;
  }
}
