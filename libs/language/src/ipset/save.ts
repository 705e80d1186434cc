/** `ipset save`: text to captures, with Issues at file and line for what is not understood, and captures to the same text. */
import type { Issue, IpsetCapture, IpsetMember, Parsed } from '@worldline/model';
import { readEntry } from './entry.js';
import { printMember, printSkbmark, printSkbprio, readMemberOptions, type MemberOptions } from './member.js';
import { isFault } from './read.js';
import { readSetSpec, type IpsetSpec } from './set-spec.js';
import { splitIpsetLine } from './words.js';

interface Draft {
  readonly capture: IpsetCapture;
  readonly members: IpsetMember[];
  /** null: a type or option that is not known; its members are kept as they stand. */
  readonly spec: IpsetSpec | null;
}

/** Reads a dump. Sets and members that cannot be read are kept as printed and said so. */
export function readIpsetSave(text: string, file: string): Parsed<readonly IpsetCapture[]> {
  const sets = new Map<string, Draft>();
  const issues: Issue[] = [];
  const report = (line: number, word: string, message: string, code = 'UnreadableIpset'): void => {
    issues.push({ code, severity: 'warning', message, file, line, word });
  };
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const words = splitIpsetLine(raw);
    const verb = words[0];
    if (verb === undefined || verb.startsWith('#') || verb === 'COMMIT') continue;
    const name = words[1] ?? '';
    if (verb === 'create' || verb === '-N' || verb === 'n') {
      const type = words[2] ?? '';
      const options = words.slice(3);
      const spec = readSetSpec(type, options);
      if (isFault(spec)) report(line, spec.word, `ipset ${name}: ${spec.fault}`, 'UnknownSetType');
      const members: IpsetMember[] = [];
      sets.set(name, { capture: { name, type, options, members, line }, members, spec: isFault(spec) ? null : spec });
    } else if (verb === 'add' || verb === '-A' || verb === 'a') {
      const set = sets.get(name);
      if (set === undefined) {
        report(line, name, `ipset: set ${name} is not created before this line`);
        continue;
      }
      readMember(set, words, line, (word, message) => report(line, word, `ipset ${name}: ${message}`));
    } else report(line, verb, `ipset: '${verb}' is not understood`);
  }
  return { value: [...sets.values()].map((s) => s.capture), issues };
}

/** Prints sets as `ipset save` does: those without members of their own kind (list:set) last. */
export function printIpsetSave(sets: readonly IpsetCapture[]): string {
  const isList = (set: IpsetCapture): boolean => set.type === 'list:set';
  let text = '';
  for (const set of [...sets.filter((s) => !isList(s)), ...sets.filter(isList)]) {
    text += `${['create', set.name, set.type, ...set.options].join(' ')}\n`;
    for (const member of set.members) text += `add ${set.name} ${member.entry}${printMember(member)}\n`;
  }
  return text;
}

function readMember(set: Draft, words: readonly string[], line: number, report: (word: string, message: string) => void): void {
  const entry = words[2] ?? '';
  let options: MemberOptions | null = null;
  if (set.spec !== null) {
    const parsed = readEntry(set.spec, entry);
    if (isFault(parsed)) report(parsed.word, parsed.fault);
    const read = readMemberOptions(set.spec, words.slice(3));
    if (isFault(read)) report(read.word, read.fault);
    else options = read;
  }
  set.members.push({
    entry,
    isNomatch: options?.isNomatch ?? words.slice(3).includes('nomatch'),
    isWildcard: options?.isWildcard ?? false,
    timeout: options?.timeout ?? null,
    packets: options?.packets ?? null,
    bytes: options?.bytes ?? null,
    comment: options?.comment ?? null,
    skbmark: options === null || options.skbmark === null ? null : printSkbmark(options.skbmark, options.skbmarkMask),
    skbprio: options === null || options.skbprio === null ? null : printSkbprio(options.skbprio),
    skbqueue: options?.skbqueue ?? null,
    line,
  });
}
