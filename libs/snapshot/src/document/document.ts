/** A document as a value with places: YAML or JSON text, or a value that came parsed (the body of a request). */
import type { Issue, Json, Severity } from '@worldline/model';
import { ISSUES_PER_DOCUMENT_LIMIT } from './limits.js';
import { locateInJson, parseJsonText } from './json-text.js';
import { parseYamlText } from './yaml-text.js';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface SourceDocument {
  readonly value: Json;
  /** Null where there is no text. */
  place(path: readonly string[], isKey: boolean): Place | null;
}

export interface ReadDocuments {
  readonly documents: readonly SourceDocument[];
  readonly issues: readonly Issue[];
}

export interface DocumentOptions {
  readonly file: string;
  /** Code of the issues: `InvalidScenario`, say. */
  readonly code: string;
}

/** Reads YAML, or JSON where the file's name ends so or the text begins like it. */
export function readDocuments(text: string, options: DocumentOptions): ReadDocuments {
  if (/\.json$/i.test(options.file)) return readJson(text, options);
  // JSON is YAML too, but reading it as what it is costs a hundredth.
  if (/^\s*[{[]/.test(text)) {
    const asJson = readJson(text, options);
    if (asJson.issues.length === 0) return asJson;
  }
  return readYaml(text, options);
}

/** A value without text. */
export function documentOf(value: Json): SourceDocument {
  return { value, place: () => null };
}

function readJson(text: string, options: DocumentOptions): ReadDocuments {
  const { value, fault } = parseJsonText(text);
  if (fault) return { documents: [], issues: [syntaxIssue(text, fault, options)] };
  return { documents: [{ value, place: (path, isKey) => placeOf(text, locateInJson(text, path, isKey)) }], issues: [] };
}

function readYaml(text: string, options: DocumentOptions): ReadDocuments {
  const { documents, faults } = parseYamlText(text);
  return {
    documents: documents.map((document) => ({ value: document.value, place: (path, isKey) => placeOf(text, document.locate(path, isKey)) })),
    issues: faults.map((fault) => syntaxIssue(text, fault, options)),
  };
}

function syntaxIssue(text: string, fault: { offset: number; message: string; word?: string }, { file, code }: DocumentOptions): Issue {
  const { line, column } = placeOf(text, fault.offset);
  return { code, severity: 'error', message: fault.message, file, line, column, ...(fault.word === undefined ? {} : { word: fault.word }) };
}

function placeOf(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < offset; i = text.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return { line, column: offset - start + 1 };
}

/** Where one document's issues are gathered, each with its place. */
export class IssueSink {
  readonly issues: Issue[] = [];

  constructor(
    private readonly document: SourceDocument,
    readonly options: DocumentOptions & {
      /** What a pointer into the document begins with: `/scenario` in the body of a request. */
      readonly pointerPrefix?: string;
    },
  ) {}

  placeOf(path: readonly string[]): { readonly file: string; readonly pointer: string } {
    return { file: this.options.file, pointer: (this.options.pointerPrefix ?? '') + pointerOf(path) };
  }

  add(issue: { message: string; path: readonly string[]; isKey?: boolean; word?: string; code?: string; severity?: Severity }): void {
    if (this.issues.length > ISSUES_PER_DOCUMENT_LIMIT) return;
    const { code } = this.options;
    const place = this.document.place(issue.path, issue.isKey ?? false);
    const isLast = this.issues.length === ISSUES_PER_DOCUMENT_LIMIT;
    this.issues.push({
      code: issue.code ?? code,
      severity: issue.severity ?? 'error',
      message: isLast ? 'and more; the rest is left unsaid' : issue.message,
      ...(place ?? {}),
      ...(issue.word === undefined ? {} : { word: issue.word }),
      ...this.placeOf(issue.path),
    });
  }
}

/** JSON pointer (RFC 6901) of a path. */
export function pointerOf(path: readonly string[]): string {
  return path.map((word) => `/${word.replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}
