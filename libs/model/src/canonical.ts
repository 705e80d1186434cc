/** Canonical JSON (sorted keys, no white space) and digests over it. The hash function comes by argument. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Takes text, or its UTF-8 bytes in pieces; gives a lower-case hexadecimal SHA-256. */
export type HashText = (content: string | readonly Uint8Array[]) => string;

export function canonicalJson(value: Json | undefined): string {
  if (value === undefined) return 'null';
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  const object = value as { readonly [key: string]: Json | undefined };
  const keys = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`).join(',')}}`;
}

/** `sha256:` and the hexadecimal digest of the canonical JSON of a value. */
export function digestOf(value: Json, hash: HashText): string {
  return `sha256:${hash(canonicalJson(value))}`;
}
