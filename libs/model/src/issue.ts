/** Something in the input that we could not accept or model. Issues are data, never exceptions. */
export type Severity = 'error' | 'warning' | 'info';

export interface Issue {
  /** A stable word, upper camel case: `UnknownMatch`, `MissingFile`, `Synthesised`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Path inside the bundle, or the scenario's own name; absent when no file is at fault. */
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The word that was not understood, as it stands in the file. */
  readonly word?: string;
  /** JSON pointer into the document at fault, where it is one. */
  readonly pointer?: string;
}

/** Writes an issue on one line: `file:line:column: message`. */
export function formatIssue(issue: Issue): string {
  const place = [issue.file, issue.line, issue.column].filter((x) => x !== undefined).join(':');
  return place ? `${place}: ${issue.message}` : issue.message;
}

/** A value together with what was wrong with its source. `value` is null when nothing usable could be made of it. */
export interface Parsed<T> {
  readonly value: T | null;
  readonly issues: readonly Issue[];
}
