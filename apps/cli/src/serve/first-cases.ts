/** The cases that a new installation shows: posted to the service as any user posts them. */
import { summaryOf } from '@worldline/application';
import type { Files } from '@worldline/application';
import type { Json, Report } from '@worldline/model';
import { parse } from 'yaml';

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
export async function firstCases(service: string, scenarios: string, files: Files, tell: (line: string) => void): Promise<void> {
  for (const name of FIRST_CASES) {
    const file = `${scenarios}/${name}/scenario.yaml`;
    const [text, tree] = [await files.readText(file), await files.readTree(`${scenarios}/${name}/snapshot`)];
    if (text.value === null || tree.value === null) continue;
    const { metadata, spec, ...head } = parse(text.value) as { readonly metadata: Json; readonly spec: { readonly snapshot?: Json } };
    const { snapshot: _path, ...rest } = spec;
    const content = Object.fromEntries([...tree.value].map(([path, bytes]) => [path, new TextDecoder().decode(bytes)]));
    const body = { topology: { files: content }, scenario: { ...head, metadata, spec: rest } };
    const answer = await post(`${service}/simulations`, `first-case-${name}`, body);
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
