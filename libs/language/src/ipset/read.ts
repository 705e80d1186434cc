/** The outcome of reading a piece of a command: a value, or what ipset says about the word that it did not take. */
import { parseAddress, type Family, type IpAddress } from '@worldline/model';

export interface Fault {
  /** As ipset prints it after `ipset v7.17: `. */
  readonly fault: string;
  readonly word: string;
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'fault' in value;
}

export function fault(message: string, word: string): Fault {
  return { fault: message, word };
}

/** A whole number, decimal, octal or hexadecimal as strtoull reads it, within bounds. */
export function readNumber(word: string, least: number, most: number): number | Fault {
  if (!/^(0[xX][0-9a-fA-F]+|\d+)$/.test(word)) return fault(`Syntax error: '${word}' is invalid as number`, word);
  const value = /^0[0-7]+$/.test(word) ? parseInt(word, 8) : Number(word);
  if (value < least || value > most) return fault(`Syntax error: '${word}' is out of range ${least}-${most}`, word);
  return value;
}

/** An address of the set's own family. */
export function readAddress(word: string, family: Family): IpAddress | Fault {
  const address = parseAddress(word);
  if (address?.family === family) return address;
  return fault(`Syntax error: cannot parse ${word}: resolving to IPv${family} address failed`, word);
}
