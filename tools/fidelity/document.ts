import type { FidelitySection, FidelityStatus } from '@worldline/kernel';

const STATUSES: readonly FidelityStatus[] = ['modelled', 'approximated', 'unproved', 'not modelled'];

const HEAD = `# Fidelity

What the engine models of Linux 6.18, and how well. Made by \`node tools/fidelity.mjs\` from the registries of the kernel library; do not edit.

- **modelled**: does what the cited file does.
- **approximated**: the same for the packets that a simulation sends; the note says where it ends.
- **unproved**: written after the source, never compared with a kernel.
- **not modelled**: a packet that reaches it ends as \`Unmodelled\`, and so does one that meets a word that stands in no table here. A sysctl is
  kept and printed, and whoever sets it is told that it has no effect.
`;

/** docs/FIDELITY.md as the registries would have it. */
export function fidelityDocument(sections: readonly FidelitySection[]): string {
  return [HEAD, summary(sections), ...sections.map(table)].join('\n');
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
