/** What went wrong with a request, in the service's own words where it had any (RFC 9457). */
export interface ProblemField {
  readonly detail: string;
  readonly pointer?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
}

export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly status: number;
  readonly fields: readonly ProblemField[];

  constructor(status: number, message: string, fields: readonly ProblemField[] = []) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** Reads a `problem+json` body; of anything else only the status is told. */
export function problemOf(status: number, body: unknown): RequestProblem {
  const { title, detail, errors } = asRecord(body);
  const message = [title, detail].filter((text) => typeof text === 'string' && text !== '').join(': ');
  const fields = Array.isArray(errors) ? errors.map(asRecord).filter((error) => typeof error['detail'] === 'string') : [];
  return new RequestProblem(status, message || `The service answered ${status}`, fields as unknown as ProblemField[]);
}

/** Where a field stands: a pointer into the request, or a file with its line. */
export function placeOf({ pointer, file, line, column }: ProblemField): string {
  return file === undefined ? (pointer ?? '') : [file, line, column].filter((part) => part !== undefined).join(':');
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
