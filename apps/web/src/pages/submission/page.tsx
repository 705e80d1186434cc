/** A new simulation: drop a bundle and a scenario, or a folder that holds both. */
import { useState } from 'react';
import type { DragEvent, ReactElement, ReactNode } from 'react';
import { ProblemBox } from '../../components/index.js';
import { navigate } from '../../routing/index.js';
import { simulationUrl } from '../simulation/url.js';
import { NOTHING_DROPPED, joinDrops, sortDrop } from './drop.js';
import type { Drop, DroppedFile } from './drop.js';
import { filesOfDrop, filesOfInput } from './read-files.js';
import { submit } from './submit.js';

export function SubmissionPage(): ReactElement {
  const [drop, setDrop] = useState<Drop>(NOTHING_DROPPED);
  const [chosen, setChosen] = useState('');
  const [mode, setMode] = useState<'sample' | 'explore'>('sample');
  const [seed, setSeed] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Error | null>(null);
  const take = (files: readonly DroppedFile[]): void => setDrop((before) => joinDrops(before, sortDrop(files)));
  const scenario = drop.documents.find(({ path }) => path === chosen) ?? drop.documents.find(({ path }) => /scenario[^/]*$/.test(path)) ?? drop.documents[0];
  const hasBundle = drop.archive !== null || drop.files.size > 0;
  const run = (): void => {
    if (!scenario) return;
    setBusy(true);
    setProblem(null);
    submit({ drop, scenario, mode, seed }).then(
      (id) => navigate(simulationUrl(id)),
      (cause: unknown) => {
        setProblem(cause instanceof Error ? cause : new Error(String(cause)));
        setBusy(false);
      },
    );
  };
  return (
    <main className="page submission">
      <h1>New simulation</h1>
      <p className="lead">A bundle is the raw output of ordinary tools, node by node; a scenario says what is sent, and what happens meanwhile.</p>
      <DropZone onFiles={take}>
        <dl className="taken">
          <div className={hasBundle ? 'slot is-filled' : 'slot'} data-testid="bundle">
            <dt>Bundle</dt>
            <dd>{hasBundle ? <Bundle drop={drop} /> : 'a folder, .zip or .tar.gz'}</dd>
          </div>
          <div className={scenario ? 'slot is-filled' : 'slot'} data-testid="scenario">
            <dt>Scenario</dt>
            <dd>
              {!scenario && 'a .yaml or .json file'}
              {scenario && drop.documents.length === 1 && <span className="mono">{scenario.path}</span>}
              {scenario && drop.documents.length > 1 && (
                <select aria-label="scenario" value={scenario.path} onChange={(event) => setChosen(event.target.value)}>
                  {drop.documents.map(({ path }) => (
                    <option key={path}>{path}</option>
                  ))}
                </select>
              )}
            </dd>
          </div>
        </dl>
      </DropZone>
      <form
        className="run-form"
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <label className="field">
          mode
          <select value={mode} onChange={(event) => setMode(event.target.value === 'explore' ? 'explore' : 'sample')}>
            <option>sample</option>
            <option>explore</option>
          </select>
        </label>
        <label className="field">
          seed
          <input inputMode="numeric" pattern="[0-9]*" value={seed} placeholder="the scenario’s" onChange={(event) => setSeed(event.target.value)} />
        </label>
        <button type="submit" className="button is-primary" disabled={!hasBundle || !scenario || isBusy}>
          {isBusy ? 'Posting…' : 'Simulate'}
        </button>
      </form>
      {problem && <ProblemBox error={problem} />}
    </main>
  );
}

function Bundle({ drop: { archive, files } }: { readonly drop: Drop }): ReactElement {
  const machines = new Set([...files.keys()].flatMap((path) => /^(nodes\/[^/]+|pods\/[^/]+\/[^/]+|externals\/[^/]+)\//.exec(path)?.[1] ?? []));
  return <span className="mono">{archive?.path ?? `${files.size} files of ${machines.size} machines`}</span>;
}

function DropZone({ onFiles, children }: { readonly onFiles: (files: readonly DroppedFile[]) => void; readonly children: ReactNode }): ReactElement {
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    void filesOfDrop(event.dataTransfer).then(onFiles);
  };
  const over = (event: DragEvent): void => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div className={isOver ? 'drop-zone is-over' : 'drop-zone'} data-testid="drop-zone" onDrop={drop} onDragOver={over} onDragLeave={() => setOver(false)}>
      {children}
      <p>Drop both here, together or one after the other</p>
      <p className="pickers">
        <label className="button">
          Choose files
          <input type="file" multiple data-testid="files" onChange={(event) => onFiles(filesOfInput(event.target.files))} />
        </label>
        <label className="button">
          Choose a folder
          <input type="file" data-testid="folder" ref={(input) => input?.setAttribute('webkitdirectory', '')} onChange={(event) => onFiles(filesOfInput(event.target.files))} />
        </label>
      </p>
    </div>
  );
}
