/** What became of a packet or path, in one line. */
import { outcomeOf } from '@worldline/model';
import type { Death, Disposition, Outcome } from '@worldline/model';
import { socketText } from '../query/index.js';
import type { EndpointAnswer } from '../query/index.js';

export interface Fate {
  readonly outcome: Outcome;
  readonly disposition: Disposition;
  /** `pod/default/a3 10.244.3.30:443`, or the machine where it was lost. */
  readonly where: string;
  /** The kernel's reason, the rule, what the client is told. */
  readonly because: readonly string[];
}

export interface Fated {
  readonly disposition: Disposition;
  readonly delivered: readonly EndpointAnswer[];
  readonly died: Death | null;
  readonly error?: { readonly when: string; readonly errno: string } | null;
}

export function fateOf({ disposition, delivered, died, error }: Fated): Fate {
  const because: string[] = [];
  if (died?.reason) because.push(died.reason);
  if (died?.rule) because.push(`${died.rule.table} ${died.rule.chain} ${died.rule.number === null ? 'policy' : `rule ${died.rule.number}`}`);
  if (error) because.push(`client: ${error.errno} at ${error.when}`);
  const where = delivered.length > 0 ? delivered.map(({ machine, local }) => `${machine} ${socketText(local)}`).join(', ') : (died?.machine ?? '');
  return { outcome: outcomeOf(disposition), disposition, where, because };
}
