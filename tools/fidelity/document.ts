import type { FidelitySection, FidelityStatus } from '@worldline/kernel';
import type { Figures } from '../fuzz-kernel/figures';

const STATUSES: readonly FidelityStatus[] = ['modelled', 'approximated', 'unproved', 'not modelled'];

const HEAD = `# Fidelity

What the engine models of Linux 6.18, and how well. Made by \`node tools/fidelity.mjs\` from the registries of the kernel library; do not edit.

- **modelled**: does what the cited file does.
- **approximated**: the same for the packets that a simulation sends; the note says where it ends.
- **unproved**: written after the source, never compared with a kernel.
- **not modelled**: a packet that reaches it ends as \`Unmodelled\`, and so does one that meets a word that stands in no table here. A sysctl is
  kept and printed, and whoever sets it is told that it has no effect.
`;

/** docs/FIDELITY.md as the registries, and the figures of the fuzzer, would have it. */
export function fidelityDocument(sections: readonly FidelitySection[], figures: Figures | null): string {
  return [HEAD, summary(sections), ...(figures ? [played(figures)] : []), ...sections.map(table)].join('\n');
}

/** What random cases on the real kernel came to. */
function played({ kernel, seeds, cases, packets, wrong, different, words }: Figures): string {
  const text = [
    '## Played on the real kernel\n',
    `\`npm run fuzz:kernel\` drew the cases of seeds ${seeds[0]} to ${seeds[1]} and played each twice on Linux ${kernel}: ${packets} packets were compared, ${wrong} of them differ from the prediction in something.`,
    `Cases: ${cases.equal} equal, ${cases.different} different${different.length > 0 ? ` (seeds ${different.join(', ')})` : ''}, ${cases.unstable} that the kernel did not do twice and ${cases.impossible} that could not be played do not count.`,
    'How often rules with each word matched, and did not, by the trace of the kernel, over the packets that are equal:\n',
  ].join('\n');
  const rows = Object.entries(words).map(([word, [matched, unmatched]]) => [`\`${word}\``, String(matched), String(unmatched)]);
  return `${text}\n${lines([['Word of a rule', 'Matched', 'Did not'], ['---', '---', '---'], ...rows])}`;
}

function summary(sections: readonly FidelitySection[]): string {
  const counts = sections.map(({ title, rows }) => [title, ...STATUSES.map((status) => String(rows.filter((r) => r.status === status).length))]);
  return lines([['', ...STATUSES], STATUSES.concat('modelled').map(() => '---'), ...counts]);
}

function table({ title, rows }: FidelitySection): string {
  const cells = rows.map(({ name, status, citation, note }) => [`\`${name}\``, status, citation, note]);
  return `## ${title}\n\n${lines([['Name', 'Status', 'Linux 6.18', 'Note'], ['---', '---', '---', '---'], ...cells])}`;
}

function lines(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`).join('');
}
