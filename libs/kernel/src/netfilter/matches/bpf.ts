/** Classic BPF (include/uapi/linux/filter.h): what `-m bpf --bytecode` carries. */

export interface BpfInstruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Reads `count,code jt jf k,...`; null when it is broken. */
export function parseBytecode(text: string): BpfInstruction[] | null {
  const [count, ...rest] = text.split(',');
  const program = rest.filter((part) => part.trim() !== '').map((part) => part.trim().split(/\s+/).map(Number));
  if (Number(count) !== program.length || !program.every((i) => i.length === 4 && i.every(Number.isInteger))) return null;
  return program.map(([code, jt, jf, k]) => ({ code, jt, jf, k }));
}

const LD = 0;
const LDX = 1;
const ST = 2;
const STX = 3;
const ALU = 4;
const JMP = 5;
const RET = 6;

/** The value that the program returns; 0 for a read beyond the packet's end. */
export function runBytecode(program: readonly BpfInstruction[], bytes: Uint8Array): number {
  const memory = new Uint32Array(16);
  let a = 0;
  let x = 0;
  for (let pc = 0; pc < program.length; pc++) {
    const { code, jt, jf, k } = program[pc];
    switch (code & 7) {
      case LD:
      case LDX: {
        const value = load(code, k, x, bytes, memory);
        if (value < 0) return 0;
        if ((code & 7) === LD) a = value;
        else x = value;
        break;
      }
      case ST:
        memory[k & 15] = a;
        break;
      case STX:
        memory[k & 15] = x;
        break;
      case ALU:
        a = calculate(code & 0xf0, a, (code & 8) !== 0 ? x : k >>> 0);
        break;
      case JMP:
        if ((code & 0xf0) === 0) pc += k;
        else pc += isTaken(code & 0xf0, a, (code & 8) !== 0 ? x : k >>> 0) ? jt : jf;
        break;
      case RET:
        return (code & 0x18) === 0x10 ? a : k >>> 0;
      default:
        if ((code & 0xf8) === 0) x = a;
        else a = x;
    }
  }
  return 0;
}

const SIZES = [4, 2, 1];

function load(code: number, k: number, x: number, bytes: Uint8Array, memory: Uint32Array): number {
  const size = SIZES[(code >> 3) & 3] ?? 4;
  switch (code & 0xe0) {
    case 0x00:
      return k >>> 0;
    case 0x20:
      return read(bytes, k, size);
    case 0x40:
      return read(bytes, x + k, size);
    case 0x60:
      return memory[k & 15];
    case 0x80:
      return bytes.length;
    default:
      // BPF_MSH: the IP header's length
      return k < bytes.length ? (bytes[k] & 15) << 2 : -1;
  }
}

function read(bytes: Uint8Array, offset: number, size: number): number {
  if (offset < 0 || offset + size > bytes.length) return -1;
  let value = 0;
  for (let i = 0; i < size; i++) value = value * 256 + bytes[offset + i];
  return value;
}

function calculate(operation: number, a: number, b: number): number {
  switch (operation) {
    case 0x00:
      return (a + b) >>> 0;
    case 0x10:
      return (a - b) >>> 0;
    case 0x20:
      return Math.imul(a, b) >>> 0;
    case 0x30:
      return b === 0 ? 0 : Math.floor(a / b);
    case 0x40:
      return (a | b) >>> 0;
    case 0x50:
      return (a & b) >>> 0;
    case 0x60:
      return b > 31 ? 0 : (a << b) >>> 0;
    case 0x70:
      return b > 31 ? 0 : a >>> b;
    case 0x80:
      return -a >>> 0;
    case 0x90:
      return b === 0 ? 0 : a % b;
    default:
      return (a ^ b) >>> 0;
  }
}

function isTaken(operation: number, a: number, b: number): boolean {
  switch (operation) {
    case 0x10:
      return a === b;
    case 0x20:
      return a > b;
    case 0x30:
      return a >= b;
    default:
      return (a & b) !== 0;
  }
}
