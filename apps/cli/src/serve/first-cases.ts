/** The cases that a new installation shows: posted to the service as any user posts them. */
import { summaryOf } from '@worldline/application';
import type { Tools } from '@worldline/application';
import { API_VERSION } from '@worldline/model';
import type { Report } from '@worldline/model';

/** Folders of scenarios/, in the order of the talk. */
const FIRST_CASES = ['udp-blackhole', 'wormhole-hostport', 'forwarding-reset'];
const WAIT_S = 60;

interface Answer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly verdict: { readonly passed: number; readonly failed: number; readonly undecided: number } | null;
  readonly problem: { readonly detail?: string } | null;
  readonly links: { readonly self: string; readonly report: string; readonly explorer: string };
}

/** One line each, once they are there; cases that are stored already are only told. */
export async function firstCases(service: string, scenarios: string, { files, readers }: Pick<Tools, 'files' | 'readers'>, tell: (line: string) => void): Promise<void> {
  for (const name of FIRST_CASES) {
    const file = `${scenarios}/${name}/scenario.yaml`;
    const [text, tree] = [await files.readText(file), await files.readTree(`${scenarios}/${name}/snapshot`)];
    const scenario = text.value === null ? null : readers.scenario(text.value, { file, snapshot: null, stdin: null }).value;
    if (scenario === null || tree.value === null) continue;
    const content = Object.fromEntries([...tree.value].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));
    const document = { apiVersion: API_VERSION, kind: 'Scenario', metadata: { name: scenario.name, description: scenario.description ?? '' }, spec: scenario.raw };
    const answer = await post(`${service}/simulations`, `first-case-${name}`, { topology: { files: content }, scenario: document });
    tell(await lineOf(service, name, answer));
  }
}

async function post(url: string, key: string, body: unknown): Promise<Answer | null> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key, prefer: `wait=${WAIT_S}` };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  // Another scenario was stored under this name by an older version: it stays what it was.
  return response.ok ? ((await response.json()) as Answer) : null;
}

async function lineOf(service: string, name: string, answer: Answer | null): Promise<string> {
  if (answer === null) return `${name}: stored before, in another version`;
  const place = `${service}${answer.links.explorer}`;
  if (answer.status !== 'succeeded') return `${name}: ${answer.status}${answer.problem?.detail ? `: ${answer.problem.detail}` : ''}  ${place}`;
  const { totals } = summaryOf((await (await fetch(`${service}${answer.links.report}`)).json()) as Report);
  const packets = `${totals.sent} sent, ${totals.delivered} delivered, ${totals.replied} answered, ${totals.dropped} dropped${totals.undecided > 0 ? `, ${totals.undecided} undecided` : ''}`;
  const { passed = 0, failed = 0, undecided = 0 } = answer.verdict ?? {};
  const expected = passed + failed + undecided;
  return `${name}: ${packets}${expected > 0 ? `; ${passed} of ${expected} expectations hold` : ''}  ${place}`;
}
