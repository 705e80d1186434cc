/** What stands in the picture: machines, segments, and the frame around a node and its pods. */
import { outcomeOf } from '@worldline/model';
import type { Disposition, Outcome } from '@worldline/model';
import { Handle, Position } from '@xyflow/react';
import type { Node, NodeProps } from '@xyflow/react';
import type { ReactElement } from 'react';
import { crossingPath, innerEnd } from './drawing.js';
import type { Box } from './graph.js';

export type BoxNode = Node<{ readonly box: Box; readonly outcome: Outcome | null; readonly isEnd: boolean; readonly isDimmed: boolean; readonly onChoose: (machine: string) => void }, 'machine'>;
export type FrameNode = Node<{ readonly name: string }, 'frame'>;

export function MachineBox({ data }: NodeProps<BoxNode>): ReactElement {
  const { box, outcome, isEnd, isDimmed, onChoose } = data;
  const classes = ['box', `box-${box.kind}`, box.visits.length > 0 ? 'is-visited' : '', isDimmed ? 'is-dimmed' : '', isEnd && outcome ? `is-end is-${outcome}` : ''];
  return (
    <div className={classes.join(' ')} style={{ width: box.width, height: box.height }} title={box.kind === 'segment' ? box.subtitle : undefined}>
      {box.kind !== 'segment' && <MachineTitle box={box} onChoose={onChoose} end={isEnd ? outcome : null} />}
      {box.ports.map((port) => (
        <div key={port.id} className={`port port-${port.side}`} style={{ top: port.y }}>
          <span className={port.isUp ? 'port-dot' : 'port-dot is-down'} />
          {port.name !== '' && (
            <span className="port-text">
              <span className="port-name">{port.name}</span>
              {port.address !== '' && <span className="port-address">{port.address}</span>}
            </span>
          )}
          <Handle type="source" id={port.id} position={port.side === 'west' ? Position.Left : Position.Right} isConnectable={false} />
        </div>
      ))}
      <Crossings box={box} outcome={outcome} isEnd={isEnd} />
    </div>
  );
}

function MachineTitle({ box, onChoose, end }: { readonly box: Box; readonly onChoose: (machine: string) => void; readonly end: Outcome | null }): ReactElement {
  return (
    <button type="button" className="box-title" onClick={() => onChoose(box.id)} title={`${box.id}: packets that pass here`}>
      {box.visits.length > 0 && <span className="visit">{box.visits.join(' ')}</span>}
      <span className="box-name">{box.title}</span>
      <span className="box-kind">{box.subtitle}</span>
      {end && <span className={`box-end mark mark-${end}`} aria-label={end} />}
    </button>
  );
}

function Crossings({ box, outcome, isEnd }: { readonly box: Box; readonly outcome: Outcome | null; readonly isEnd: boolean }): ReactElement | null {
  if (box.crossings.length === 0 || outcome === null) return null;
  return (
    <svg className={`crossings way-${outcome}`} width={box.width} height={box.height} aria-hidden="true">
      {box.crossings.map((crossing, i) => {
        const port = box.ports.find(({ id }) => id === (crossing.from ?? crossing.to));
        const isOpen = crossing.from === null || crossing.to === null;
        const end = port && isOpen ? innerEnd(port, box.width) : null;
        return (
          <g key={i}>
            <path d={crossingPath(box, crossing)} className="way-line" />
            {end && <circle cx={end.x} cy={end.y} r={crossing.from === null ? 3.5 : 4.5} className={crossing.to === null && isEnd ? 'way-end' : 'way-start'} />}
          </g>
        );
      })}
    </svg>
  );
}

export function NodeFrame({ data }: NodeProps<FrameNode>): ReactElement {
  return <div className="frame" aria-label={`${data.name} and its pods`} />;
}

export function outcomeOfDisposition(disposition: string | null): Outcome | null {
  return disposition === null ? null : outcomeOf(disposition as Disposition);
}
