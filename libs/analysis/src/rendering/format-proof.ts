/** A proof as people read it: the first difference first, kernel and prediction side by side. */
import { FACETS } from '../proof/index.js';
import type { Mismatch, Proof } from '../proof/index.js';
import { PLAIN } from './palette.js';
import type { Palette } from './palette.js';

export interface ProofTextOptions {
  readonly name: string;
  readonly description: string | null;
  /** `uname -r`. */
  readonly kernel: string;
  readonly runs: number;
  readonly palette?: Palette;
}

const MISMATCHES_SHOWN = 20;

export function formatProof({ facets, mismatches, packets, unknownDeaths }: Proof, options: ProofTextOptions): string {
  const palette = options.palette ?? PLAIN;
  const lines = [palette.strong(options.name), ...(options.description === null ? [] : [options.description]), ''];
  for (const [i, mismatch] of mismatches.slice(0, MISMATCHES_SHOWN).entries()) lines.push(...mismatchLines(mismatch, i === 0, palette));
  if (mismatches.length > MISMATCHES_SHOWN) lines.push(`... and ${mismatches.length - MISMATCHES_SHOWN} more`);
  if (mismatches.length > 0) lines.push('');
  for (const facet of FACETS) {
    const sums = facets[facet];
    if (sums) lines.push(`${facet.padEnd(13)}${sums.equal}/${sums.total}`);
  }
  for (const death of unknownDeaths) lines.push(`note: no word for ${death}; any drop was taken for right`);
  const verdict = mismatches.length === 0 ? palette.good('equal') : palette.bad('different');
  lines.push('', `${verdict}: ${packets} packets, ${options.runs} runs that agree, Linux ${options.kernel}`, '');
  return lines.join('\n');
}

function mismatchLines({ facet, flow, packet, kernel, predicted }: Mismatch, isFirst: boolean, palette: Palette): string[] {
  const at = flow === null ? '' : ` ${flow}${packet === null ? '' : `/${packet}`}`;
  const head = `${facet}${at}`;
  return [isFirst ? palette.strong(head) : head, `   kernel      ${kernel}`, `   prediction  ${predicted}`];
}
