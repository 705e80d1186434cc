/** UTF-8 by hand: the core libraries know no TextDecoder. Broken sequences become U+FFFD, as a TextDecoder would make them. */

export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let i = start;
  while (i < end) {
    const c = bytes[i++];
    if (c < 0x80) {
      text += String.fromCharCode(c);
      continue;
    }
    const more = c >= 0xf0 && c < 0xf8 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : 0;
    let point = more === 3 ? c & 7 : more === 2 ? c & 15 : c & 31;
    let taken = 0;
    while (taken < more && i < end && (bytes[i] & 0xc0) === 0x80) {
      point = (point << 6) | (bytes[i++] & 63);
      taken++;
    }
    text += more > 0 && taken === more && point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd';
  }
  return text;
}

export function encodeUtf8(text: string): Uint8Array {
  const plain = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) return encodeAny(text);
    plain[i] = c;
  }
  return plain;
}

function encodeAny(text: string): Uint8Array {
  const bytes = new Uint8Array(3 * text.length);
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.codePointAt(i) as number;
    if (c < 0x80) bytes[n++] = c;
    else if (c < 0x800) {
      bytes[n++] = 0xc0 | (c >> 6);
      bytes[n++] = 0x80 | (c & 63);
    } else if (c < 0x10000) {
      bytes[n++] = 0xe0 | (c >> 12);
      bytes[n++] = 0x80 | ((c >> 6) & 63);
      bytes[n++] = 0x80 | (c & 63);
    } else {
      bytes[n++] = 0xf0 | (c >> 18);
      bytes[n++] = 0x80 | ((c >> 12) & 63);
      bytes[n++] = 0x80 | ((c >> 6) & 63);
      bytes[n++] = 0x80 | (c & 63);
      i++;
    }
  }
  return bytes.subarray(0, n);
}
