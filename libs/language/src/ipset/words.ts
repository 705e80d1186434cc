/** A line of ipset taken apart: words parted by blanks, a quoted one kept whole (ipset_parse_line's own rules: no escapes). */

export function splitIpsetLine(line: string): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    const c = line[at] as string;
    if (c === ' ' || c === '\t') {
      at++;
      continue;
    }
    if (c === '"') {
      const end = line.indexOf('"', at + 1);
      words.push(line.slice(at + 1, end < 0 ? line.length : end));
      at = end < 0 ? line.length : end + 1;
      continue;
    }
    let end = at;
    while (end < line.length && line[end] !== ' ' && line[end] !== '\t') end++;
    words.push(line.slice(at, end));
    at = end;
  }
  return words;
}
