/** Simulations that a running service keeps, over its API. */
import { OperatingError } from '@worldline/application';
import type { StoredOrder, StoredSimulations } from '@worldline/application';
import type { Issue, Json, Parsed, Report } from '@worldline/model';
import { readArchive } from '@worldline/snapshot';

const ORDER = 'query ($id: ID!) { simulation(id: $id) { seed scenario snapshot { digest } } }';

interface Problem {
  readonly title?: string;
  readonly detail?: string;
}

class ServiceSimulations implements StoredSimulations {
  private readonly base: string;

  /** `url` is the service's own: `http://localhost:8080`. */
  constructor(url: string) {
    this.base = url.replace(/\/+$/, '');
  }

  async report(id: string): Promise<Parsed<Report>> {
    const response = await this.fetch(`/simulations/${encodeURIComponent(id)}/report`);
    return response.ok ? { value: (await response.json()) as Report, issues: [] } : refused(id, await detailOf(response));
  }

  async order(id: string): Promise<Parsed<StoredOrder>> {
    const asked = await this.fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: ORDER, variables: { id } }) });
    if (!asked.ok) return refused(id, await detailOf(asked));
    const { data } = (await asked.json()) as { data: { simulation: { seed: string; scenario: Json; snapshot: { digest: string } } | null } };
    if (data.simulation === null) return refused(id, `there is no simulation ${id}`);
    const { seed, scenario, snapshot } = data.simulation;
    const archive = await this.fetch(`/snapshots/${snapshot.digest}`, { headers: { accept: 'application/gzip' } });
    if (!archive.ok) return refused(id, await detailOf(archive));
    const tree = readArchive(new Uint8Array(await archive.arrayBuffer()), `simulation ${id}`);
    return tree.value === null ? { value: null, issues: tree.issues } : { value: { tree: tree.value, scenario, seed: Number(seed) }, issues: [] };
  }

  private async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(this.base + path, init);
    } catch (error) {
      const { cause } = error as { cause?: Error };
      throw new OperatingError(`${this.base} cannot be reached: ${cause?.message || (error as Error).message}`, { cause: error });
    }
  }
}

/** Where stored simulations are looked for, if anywhere; as use cases take it. */
export function storedAt(url: string | undefined): { readonly stored?: StoredSimulations } {
  return url === undefined ? {} : { stored: new ServiceSimulations(url) };
}

async function detailOf(response: Response): Promise<string> {
  const text = await response.text();
  if (!/json/.test(response.headers.get('content-type') ?? '')) return `the service answers with status ${response.status}; is it Worldline?`;
  const { detail, title } = JSON.parse(text) as Problem;
  return detail ?? title ?? `the service answers with status ${response.status}`;
}

function refused<T>(id: string, message: string): Parsed<T> {
  const issue: Issue = { code: 'InvalidArgument', severity: 'error', message, file: id };
  return { value: null, issues: [issue] };
}
