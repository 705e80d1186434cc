import { DISPOSITIONS } from '@worldline/model';
import { oneOf, readWords, writeUrl } from '../../routing/index.js';

export const VIEWS = ['packets', 'paths'] as const;
export type View = (typeof VIEWS)[number];

/** One simulation: which rows are listed, which one is open, and which packet of its exchange is drawn. */
export interface SimulationState {
  /** Empty: as the simulation’s mode has it. */
  readonly view: '' | View;
  readonly filter: Filter;
  /** Id of the open packet or path; empty: the first row. */
  readonly open: string;
  /** Position in the exchange. */
  readonly entry: number;
  readonly isDetailed: boolean;
  readonly after: string;
}

/** Empty: any. */
export interface Filter {
  readonly flow: string;
  readonly disposition: string;
  readonly machine: string;
  readonly chain: string;
  /** `TABLE CHAIN NUMBER`. */
  readonly rule: string;
}

export const NO_FILTER: Filter = { flow: '', disposition: '', machine: '', chain: '', rule: '' };

const PATH = /^\/explorer\/simulations\/([^/]+)$/;

/** The simulation's id; null where the path is another page's. */
export function readSimulationId(path: string): string | null {
  const [, id] = PATH.exec(path) ?? [];
  return id === undefined ? null : decodeURIComponent(id);
}

export function readSimulation(search: string): SimulationState {
  const { view, open = '', entry = '', steps, after = '', disposition = '', ...words } = readWords(search);
  const { flow = '', machine = '', chain = '', rule = '' } = words;
  const filter = { flow, disposition: DISPOSITIONS.some((known) => known === disposition) ? disposition : '', machine, chain, rule };
  return { view: oneOf(['', ...VIEWS], view), filter, open, entry: /^\d{1,6}$/.test(entry) ? Number(entry) : 0, isDetailed: steps === 'all', after };
}

export function simulationUrl(id: string, { view = '', filter = NO_FILTER, open = '', entry = 0, isDetailed = false, after = '' }: Partial<SimulationState> = {}): string {
  const words = { view, ...filter, after, open, entry: entry === 0 ? '' : String(entry), steps: isDetailed ? 'all' : '' };
  return writeUrl(`/explorer/simulations/${encodeURIComponent(id)}`, words);
}

/** Rows to list where the URL does not say: exploring follows every choice, so there are paths and no single packets. */
export function viewOf(view: SimulationState['view'], mode: string): View {
  return view === '' ? (mode === 'explore' ? 'paths' : 'packets') : view;
}

/** The filter as GraphQL takes it. */
export function traceFilterOf({ flow, disposition, machine, chain, rule }: Filter): object {
  const [, table, ruleChain, number] = /^(\S+) (\S+) (\d+)$/.exec(rule) ?? [];
  return {
    ...(flow && { flow }),
    ...(disposition && { disposition: [disposition] }),
    ...(machine && { machine }),
    ...(chain && { chain }),
    ...(number && { table, chain: ruleChain, rule: Number(number) }),
  };
}
