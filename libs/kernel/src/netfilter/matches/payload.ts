/** Matches on the bytes of a packet (xt_string.c, xt_u32.c, xt_bpf.c; 6.18). What they are given is read once and kept. */
import { RECORD_GIVEN, RECORD_INVERTED, bitIn, fieldIn, hexStringBytes, parseU32, type U32Test } from '@worldline/language';
import { isInverted, type Evaluate } from './answer.js';
import { parseBytecode, runBytecode, type BpfInstruction } from './bpf.js';
import { packetBytes } from './packet-bytes.js';

const STRING = fieldIn('string', 'string');
const STRING_BIT = bitIn('string', 'string');
const HEX = fieldIn('string', 'hex-string');
const HEX_BIT = bitIn('string', 'hex-string');
const FROM = fieldIn('string', 'from');
const TO = fieldIn('string', 'to');
const ICASE_BIT = bitIn('string', 'icase');

/** Patterns by word, plain and hexadecimal. */
const patterns = new Map<string, readonly number[]>();

function patternOf(text: string, isHex: boolean): readonly number[] {
  const key = `${isHex ? 'x' : 's'}${text}`;
  let pattern = patterns.get(key);
  if (!pattern) {
    pattern = isHex ? (hexStringBytes(text) ?? []) : [...text].map((c) => c.charCodeAt(0) & 255);
    patterns.set(key, pattern);
  }
  return pattern;
}

const lower = (byte: number): number => (byte >= 65 && byte <= 90 ? byte + 32 : byte);

/** A hit may begin at `--to` at the latest (skb_find_text). */
export const matchString: Evaluate = (m, p, code, at) => {
  const given = code[at + RECORD_GIVEN];
  const isHex = (given & HEX_BIT) !== 0;
  const pattern = patternOf(m.environment.words.name(code[at + (isHex ? HEX : STRING)]), isHex);
  const bytes = packetBytes(m.environment, p);
  const last = Math.min(code[at + TO], bytes.length - pattern.length);
  const fold = (given & ICASE_BIT) !== 0 ? lower : (byte: number): number => byte;
  let isFound = false;
  for (let i = code[at + FROM]; i <= last && !isFound; i++) isFound = pattern.every((byte, k) => fold(bytes[i + k]) === fold(byte));
  return isFound !== ((code[at + RECORD_INVERTED] & (STRING_BIT | HEX_BIT)) !== 0);
};

const programs = new Map<string, readonly U32Test[]>();

export const matchU32: Evaluate = (m, p, code, at) => {
  const text = m.environment.words.name(code[at + 1]);
  let tests = programs.get(text);
  if (!tests) {
    tests = parseU32(text) ?? [];
    programs.set(text, tests);
  }
  const bytes = packetBytes(m.environment, p);
  return tests.every((test) => isTrue(test, bytes)) !== isInverted(code, at);
};

/** u32_match_it: a read beyond the packet's end fails the test. */
function isTrue(test: U32Test, bytes: Uint8Array): boolean {
  const read = (offset: number): number =>
    offset + 4 > bytes.length ? -1 : ((bytes[offset] << 24) | (bytes[offset + 1] << 16) | (bytes[offset + 2] << 8) | bytes[offset + 3]) >>> 0;
  let base = 0;
  let value = read(test.start);
  if (value < 0) return false;
  for (const [operator, number] of test.steps) {
    if (operator === '&') value = (value & number) >>> 0;
    else if (operator === '<<') value = (value << number) >>> 0;
    else if (operator === '>>') value >>>= number;
    else {
      base += value;
      value = read(base + number);
      if (value < 0) return false;
    }
  }
  return test.ranges.some(([low, high]) => value >= low && value <= high);
}

const bytecodes = new Map<string, readonly BpfInstruction[]>();

export const matchBpf: Evaluate = (m, p, code, at) => {
  const text = m.environment.words.name(code[at + 1]);
  let program = bytecodes.get(text);
  if (!program) {
    program = parseBytecode(text) ?? [];
    bytecodes.set(text, program);
  }
  return runBytecode(program, packetBytes(m.environment, p)) !== 0;
};
