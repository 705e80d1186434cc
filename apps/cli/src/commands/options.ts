import { InvalidArgumentError } from 'commander';

/** A seed: a whole number that JavaScript holds exactly. */
export function seed(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a seed is a whole number from 0 to 9007199254740991.');
  return value;
}

/** `node/n1,pod/default/a` */
export function machines(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim()).filter((name) => name !== '');
  const wrong = names.find((name) => !/^(node|external|fabric)\/[^/]+$|^pod\/[^/]+\/[^/]+$/.test(name));
  if (wrong !== undefined || names.length === 0) throw new InvalidArgumentError(`machines are named node/NAME, pod/NAMESPACE/NAME or external/NAME${wrong === undefined ? '' : `, not '${wrong}'`}.`);
  return names;
}

/** `http://localhost:8080` */
export function serviceUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError('a service is named by its address, such as http://localhost:8080.');
  return text;
}

/** Rules that are told of one step, where nobody says how many. */
export const TRAILS_DEFAULT = 1000;

/** A whole number above 0. */
export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value === 0 || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number from 1 is needed.');
  return value;
}
