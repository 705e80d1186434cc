/** Packets or paths, flow by flow. */
import type { ReactElement } from 'react';
import { TotalsBar } from '../../components/index.js';
import { socketText } from '../../query/index.js';
import type { FlowAnswer, PacketRow, PathRow, SentAnswer } from '../../query/index.js';
import { Outcome, fateOf } from '../../way/index.js';
import type { RowPage } from './use-rows.js';

export interface RowsProps {
  readonly page: RowPage;
  readonly flows: readonly FlowAnswer[];
  /** Packets that a long simulation does not list one by one. */
  readonly unlisted: number;
  readonly open: string;
  readonly onOpen: (id: string) => void;
  readonly onOlder: (after: string) => void;
}

export function Rows({ page, flows, unlisted, open, onOpen, onOlder }: RowsProps): ReactElement {
  const names = [...new Set(page.rows.map(({ flow }) => flow.name))];
  return (
    <div className="rows-scroll">
      <table className="rows packets">
        <thead>
          <tr>
            <th className="number">{page.view === 'packets' ? '#' : 'path'}</th>
            <th className="number">{page.view === 'packets' ? 'at' : 'packets'}</th>
            {page.view === 'packets' && <th>sent</th>}
            <th>fate</th>
            <th>where</th>
          </tr>
        </thead>
        {names.map((name) => (
          <tbody key={name}>
            <FlowHead name={name} flow={flows.find((one) => one.name === name)} sent={sentOf(page, name)} columns={page.view === 'packets' ? 5 : 4} />
            {page.view === 'packets'
              ? page.rows.filter(({ flow }) => flow.name === name).map((row) => <PacketLine key={row.id} row={row} isOpen={row.id === open} onOpen={onOpen} />)
              : page.rows.filter(({ flow }) => flow.name === name).map((row) => <PathLine key={row.id} row={row} isOpen={row.id === open} onOpen={onOpen} />)}
          </tbody>
        ))}
      </table>
      <p className="rows-end">
        {page.rows.length} of {page.total} {page.view}
        {page.view === 'packets' && unlisted > 0 && <span>{unlisted} more are not listed one by one; paths count them all</span>}
        {page.next !== null && (
          <button type="button" className="button" onClick={() => onOlder(page.next as string)}>
            next
          </button>
        )}
      </p>
    </div>
  );
}

/** Who sends is the same for all packets of a flow. */
function sentOf(page: RowPage, name: string): SentAnswer | undefined {
  return page.view === 'packets' ? page.rows.find(({ flow }) => flow.name === name)?.sent : undefined;
}

interface FlowHeadProps {
  readonly name: string;
  readonly flow: FlowAnswer | undefined;
  readonly sent: SentAnswer | undefined;
  readonly columns: number;
}

function FlowHead({ name, flow, sent, columns }: FlowHeadProps): ReactElement {
  return (
    <tr className="flow-head">
      <th colSpan={columns} scope="rowgroup">
        {name}
        {sent && (
          <span className="sender mono">
            {sent.protocol} from {sent.machine}
          </span>
        )}
        {flow && <TotalsBar totals={flow.totals} />}
      </th>
    </tr>
  );
}

function PacketLine({ row, isOpen, onOpen }: { readonly row: PacketRow; readonly isOpen: boolean; readonly onOpen: (id: string) => void }): ReactElement {
  const { id, index, at, sent } = row;
  const fate = fateOf(row);
  return (
    <tr className={isOpen ? 'row is-open' : 'row'} onClick={() => onOpen(id)}>
      <td className="number">
        <button type="button" className="row-button" aria-current={isOpen} aria-label={`Packet ${index} of ${row.flow.name}`}>
          {index}
        </button>
      </td>
      <td className="number mono">{at}</td>
      <td className="mono">
        {socketText(sent.source)} <span className="arrow" aria-label="to" /> {socketText(sent.destination)}
      </td>
      <td className="fate-cell">
        <Outcome outcome={fate.outcome} /> {fate.disposition}
        {row.reply && <span className="quiet"> answered</span>}
        {row.error && <span className="cause mono">{row.error.errno}</span>}
      </td>
      <td className="mono">{fate.where}</td>
    </tr>
  );
}

function PathLine({ row, isOpen, onOpen }: { readonly row: PathRow; readonly isOpen: boolean; readonly onOpen: (id: string) => void }): ReactElement {
  const fate = fateOf(row);
  return (
    <tr className={isOpen ? 'row is-open' : 'row'} onClick={() => onOpen(row.id)}>
      <td className="number">
        <button type="button" className="row-button" aria-current={isOpen} aria-label={`Path ${row.number} of ${row.flow.name}`}>
          {row.number}
        </button>
      </td>
      <td className="number mono">{row.weight === '1' ? row.count : row.weight}</td>
      <td className="fate-cell">
        <Outcome outcome={fate.outcome} /> {fate.disposition}
        {fate.because.map((cause) => (
          <span key={cause} className="cause mono">
            {cause}
          </span>
        ))}
      </td>
      <td className="mono">{fate.where}</td>
    </tr>
  );
}
