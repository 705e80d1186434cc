/** Issues as problems: what the documents that were posted are called, and where in the body they stand. */
import { API_VERSION } from '@worldline/model';
import type { Issue, Json } from '@worldline/model';
import type { Problem, ProblemError } from '../records.js';
import { BATCH_FILE, SCENARIO_FILE, SNAPSHOT_FOLDER } from './stored-files.js';

/** A problem lists this many errors; a broken document may have thousands. */
const ERRORS_LIMIT = 100;

/** Longer texts of an error are cut. */
const TEXT_LIMIT = 500;

/** Where documents stand in the body that was posted: what pointers into each document become. */
export interface BodyPlaces {
  readonly [file: string]: (pointer: string) => string;
}

export type ProblemCode = 'invalid-snapshot' | 'invalid-scenario' | 'invalid-batch' | 'internal';

const TITLES: Readonly<Record<ProblemCode, string>> = {
  'invalid-snapshot': 'The snapshot cannot be used',
  'invalid-scenario': 'The scenario cannot be run',
  'invalid-batch': 'The batch cannot be run',
  internal: 'Something went wrong in here',
};

/** The errors among issues as one problem; where they are about a file of the bundle it is the snapshot that is wrong. */
export function problemOf(code: ProblemCode, issues: readonly Issue[], places: BodyPlaces): Problem {
  const errors = issues.filter(({ severity }) => severity === 'error').map((issue) => errorOf(issue, places));
  const shown = errors.slice(0, ERRORS_LIMIT);
  const isOfSnapshot = shown.length > 0 && shown.every(({ file, pointer }) => file !== undefined && pointer === undefined);
  const actual = isOfSnapshot ? 'invalid-snapshot' : code;
  const more = errors.length > shown.length ? ` (the first ${shown.length} of ${errors.length})` : '';
  return { code: actual, title: TITLES[actual], detail: `${errors.length === 1 ? (errors[0] as ProblemError).detail : `${errors.length} errors`}${more}`, errors: shown };
}

function errorOf({ code, message, file, line, column, word, pointer }: Issue, places: BodyPlaces): ProblemError {
  const said = { code, detail: shortened(message), ...(word === undefined ? {} : { word: shortened(word) }) };
  const place = file === undefined ? undefined : places[file];
  // Lines and columns of what was posted are those of our own copy: only the pointer means something.
  if (place) return { ...said, pointer: place(pointer ?? '') };
  const name = file?.startsWith(`${SNAPSHOT_FOLDER}/`) ? file.slice(SNAPSHOT_FOLDER.length + 1) : file;
  return { ...said, ...(name === undefined ? {} : { file: name }), ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) };
}

/** A word of a file may be all of it: a line of a hundred million characters, say. */
function shortened(text: string): string {
  return text.length > TEXT_LIMIT ? `${text.slice(0, TEXT_LIMIT)}...` : text;
}

/** A document as posted: whole, or its spec alone. */
export function wholeDocument(kind: 'Scenario' | 'Batch', posted: Json): { readonly document: Json; readonly isWhole: boolean } {
  const isWhole = typeof posted === 'object' && posted !== null && 'spec' in posted;
  return { isWhole, document: isWhole ? posted : { apiVersion: API_VERSION, kind, metadata: { name: kind.toLowerCase() }, spec: posted } };
}

/** Places of a body with a scenario and perhaps a batch around it. */
export function scenarioPlace(isWhole: boolean, at = '#/scenario'): BodyPlaces {
  return { [SCENARIO_FILE]: pointerInto(at, isWhole) };
}

export function batchPlace(isWhole: boolean): BodyPlaces {
  return { [BATCH_FILE]: pointerInto('#', isWhole) };
}

function pointerInto(at: string, isWhole: boolean): (pointer: string) => string {
  return (pointer) => at + (isWhole ? pointer : pointer.replace(/^\/spec(?=\/|$)/, ''));
}
