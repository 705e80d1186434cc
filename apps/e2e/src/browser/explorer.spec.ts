/** The talk's three cases in the explorer, as somebody in an incident would read them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { parse } from 'yaml';
import { openPage, picture, startBrowser } from '../testing/browser.js';
import { Client, filesOf } from '../testing/client.js';
import { REPOSITORY, startStack } from '../testing/stack.js';
import type { Stack } from '../testing/stack.js';

let stack: Stack;
let browser: Browser;
let page: Page;
let errors: string[];

beforeAll(async () => {
  browser = await startBrowser();
  stack = await startStack();
});
afterAll(async () => {
  await Promise.all([browser?.close(), stack?.stop()]);
});
beforeEach(async () => {
  ({ page, errors } = await openPage(browser, { url: stack.url }));
});
afterEach(async () => {
  await page.close();
  expect(errors).toEqual([]);
});

const GROUND = 'getComputedStyle(document.body).backgroundColor';
const packet = (flow: string, index: number): Locator => page.getByRole('button', { name: `Packet ${index} of ${flow}`, exact: true });
const way = (): Locator => page.getByRole('region', { name: 'The way of the chosen packet' });
const machine = (name: string): Locator => page.locator(`.react-flow__node[data-id="${name}"] .box`);
const texts = async (found: Locator): Promise<string[]> => (await found.allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
const wait = (found: Locator): Promise<void> => found.first().waitFor();

async function openCase(name: string): Promise<void> {
  await page.goto('/');
  await page.getByRole('link', { name, exact: true }).click();
  await wait(page.locator('[data-testid=topology][data-ready=true]'));
}

test('the list has the verdicts at a glance', async () => {
  await page.goto('/');
  await wait(page.getByRole('link', { name: 'udp-blackhole', exact: true }));
  const [row = ''] = await texts(page.getByRole('row').filter({ hasText: 'udp-blackhole' }));
  expect(row).toMatch(/udp-blackhole .* 4 delivered 5 dropped/);
  await picture(page, 'simulations', 340);
});

describe('the wormhole', () => {
  test('a packet shows the rule that matched, with the address before and after', async () => {
    await openCase('wormhole-hostport');
    await packet('quic', 0).click();
    await wait(way().getByText('packet 0, 100ms'));
    await wait(way().locator('.step-translation'));
    expect(await texts(way().locator('.fate').first())).toEqual(['Accepted by pod/default/a1 10.244.1.30:443 and answered']);
    const rules = await texts(way().locator('.step-filter.is-deciding .rule'));
    expect(rules.map((rule) => rule.split(' ').slice(0, 2).join(' '))).toEqual(['PREROUTING 1', 'KUBE-HOSTPORTS 2', 'KUBE-HP-LVNORUJT65DKN6BQ 2']);
    expect(rules[2]).toContain('-j DNAT --to-destination 10.244.1.30:443');
    expect(await texts(way().locator('.translation del'))).toEqual(['35.194.18.174:443']);
    expect(await texts(way().locator('.translation ins'))).toEqual(['10.244.1.30:443']);
    expect(await texts(way().locator('.hop h3'))).toEqual(['external/client2', 'node/n1', 'pod/default/a1']);
  });

  test('every rule that was looked at unfolds, with the clause that failed', async () => {
    await openCase('wormhole-hostport');
    await packet('quic', 0).click();
    await wait(way().getByText('packet 0, 100ms'));
    const step = way().locator('.step-filter.is-deciding').first();
    await step.getByText('every rule looked at').click();
    await wait(step.getByText('5 rules looked at'));
    const rules = await texts(step.locator('.trail .rule'));
    expect(rules.map((rule) => rule.split(' ').slice(0, 2).join(' '))).toEqual(['PREROUTING 1', 'KUBE-HOSTPORTS 1', 'KUBE-HOSTPORTS 2', 'KUBE-HP-LVNORUJT65DKN6BQ 1', 'KUBE-HP-LVNORUJT65DKN6BQ 2']);
    expect(await step.locator('.trail .rule.is-missed').count()).toBe(2);
    expect(await texts(step.locator('.trail .rule-failed'))).toEqual(['-p tcp', '-s 10.244.1.30/32']);
    await packet('quic', 1).click();
    await wait(way().getByText('packet 1'));
    expect(await way().getByText('rules looked at').count()).toBe(0);
  });

  test('its way is drawn on the network: from the client over the segment and the node to the pod', async () => {
    await openCase('wormhole-hostport');
    await wait(machine('pod/default/a3').locator('.visit'));
    expect(await texts(page.locator('.box.is-visited .visit'))).toEqual(expect.arrayContaining(['1', '2', '3']));
    expect(await texts(machine('node/n3').locator('.visit'))).toEqual(['2']);
    expect(await machine('pod/default/a3').getAttribute('class')).toContain('is-end is-delivered');
    expect(await page.locator('.react-flow__edge .way-line').count()).toBe(3);
    await picture(page, 'wormhole');
    await page.getByRole('tab', { name: 'synack' }).click();
    await wait(machine('pod/default/a3').getByText('1', { exact: true }));
    expect(await machine('external/client').getAttribute('class')).toContain('is-end is-delivered');
    expect(new URL(page.url()).searchParams.get('entry')).toBe('1');
  });

  test('the URL holds what is seen', async () => {
    await openCase('wormhole-hostport');
    await packet('cluster-ip', 0).click();
    await wait(way().getByText('cluster-ip'));
    await page.getByLabel('every step').check();
    await wait(way().getByText('mangle'));
    const before = await texts(way());
    await page.reload();
    await wait(way().getByText('mangle'));
    expect(await texts(way())).toEqual(before);
    await page.goBack();
    await wait(way().getByText('https'));
  });
});

describe('the UDP blackhole', () => {
  test('a filter leaves what died, and the way says why', async () => {
    await openCase('udp-blackhole');
    await page.getByLabel('disposition').selectOption('LostOnLink');
    await wait(page.getByText('5 of 5 packets'));
    await wait(way().getByText('same-port'));
    expect(await texts(way().locator('.step-entry .step-head'))).toEqual(['entry found ESTABLISHED']);
    expect(await texts(way().locator('.step-entry dd'))).toEqual(['udp 10.244.1.10:1234 > 10.96.0.10:53', 'udp 10.244.1.20:53 > 10.244.1.10:1234']);
    expect((await texts(way().locator('.step'))).join('\n')).toContain('destination nat rules not asked: the entry is bound already');
    expect(await texts(way().locator('.step.is-end'))).toEqual(['bridge cni0: no port for this address; came by vetha']);
    expect(await texts(way().locator('.way-end'))).toEqual(['LostOnLink NO_TX_TARGET']);
    expect(await machine('node/n1').getAttribute('class')).toContain('is-end is-dropped');
    await picture(page, 'udp-blackhole');
  });

  test('the keyboard walks through the rows', async () => {
    await openCase('udp-blackhole');
    await wait(way().getByText('packet 0, 0ms'));
    for (const key of ['j', 'j', 'ArrowDown', 'k']) await page.keyboard.press(key);
    await wait(way().getByText('packet 0, 220ms'));
    expect(await packet('same-port', 0).getAttribute('aria-current')).toBe('true');
  });
});

describe('the forwarding that was reset', () => {
  test('the sysctl that ended the packet stands at the end of its way', async () => {
    await openCase('forwarding-reset');
    await packet('to-pod', 0).click();
    await wait(way().getByText('packet 0, 220ms'));
    expect(await texts(way().locator('.step.is-end'))).toEqual(['sysctl net.ipv4.conf.eth0.forwarding = 0']);
    expect(await texts(way().locator('.hop h3'))).toEqual(['pod/default/a', 'node/n1', 'node/n2']);
  });

  test('chain, rule and machine narrow the rows; a machine is chosen on the picture', async () => {
    await openCase('forwarding-reset');
    await wait(page.getByText('12 of 12 packets'));
    await page.getByLabel('chain').selectOption('KUBE-FORWARD');
    await wait(page.getByText(/^(?!12)\d+ of \d+ packets/));
    await page.getByLabel('rule').selectOption('filter KUBE-FORWARD 3');
    await page.waitForURL(/rule=filter\+KUBE-FORWARD\+3/);
    await page.getByRole('button', { name: 'clear' }).click();
    await wait(page.getByText('12 of 12 packets'));
    await machine('pod/default/b2').locator('.box-title').click();
    await wait(page.getByText('No packet is like that.'));
    await machine('pod/default/b2').locator('.box-title').click();
    await wait(page.getByText('12 of 12 packets'));
  });

  test('equal ways stand once', async () => {
    await openCase('forwarding-reset');
    await page.getByRole('radio', { name: 'paths' }).click();
    await wait(page.getByText(/of \d+ paths/));
    await page.getByRole('button', { name: /Path 0 of to-pod/ }).click();
    await wait(way().getByText('path 0, taken by'));
    expect(await texts(way().locator('.way-end'))).toEqual([expect.stringContaining('ForwardingDisabled')]);
  });
});

test('two simulations are compared, and the place where the ways part is shown', async () => {
  await postHealthy();
  await page.goto('/');
  await page.getByRole('row').filter({ hasText: 'udp-healthy' }).getByRole('link', { name: 'compare…' }).click();
  await page.getByRole('row').filter({ hasText: 'udp-blackhole' }).getByRole('link', { name: 'with this' }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForURL(/\/explorer\/comparisons\/[^/?]+$/);
  await page.getByRole('button', { name: 'broken: same-port' }).click();
  await wait(page.getByRole('region', { name: 'The ways of same-port' }).locator('.step.is-parting'));
  expect(await texts(page.locator('.summary'))).toEqual(['4 flows: 5 broken 2 moved 2 unchanged']);
  expect(await texts(page.locator('.parting-line'))).toEqual([expect.stringMatching(/^Here they part: node\/n1, request, step \d+$/)]);
  expect(await texts(page.locator('.step.is-parting'))).toEqual(['bridge cni0: forwarded to vethold', 'bridge cni0: no port for this address; came by vetha']);
  expect(await texts(page.locator('.side > header .fate'))).toEqual(['Accepted by pod/default/old 10.244.1.20:53', 'LostOnLink at node/n1 NO_TX_TARGET']);
  await picture(page, 'comparison');
});

/** The blackhole's traffic with nothing happening meanwhile. */
async function postHealthy(): Promise<void> {
  const [, text = ''] = /^([^]*?)\n {2}events:/.exec(readFileSync(join(REPOSITORY, 'scenarios/udp-blackhole/scenario.yaml'), 'utf8')) ?? [];
  const document = parse(text.replace('name: udp-blackhole', 'name: udp-healthy')) as unknown;
  const body = { topology: { files: filesOf('udp-blackhole') }, scenario: document };
  const { status } = await new Client(stack.url).ask('POST', '/simulations', { body, headers: { prefer: 'wait=60' } });
  expect(status).toBeLessThan(300);
}

test('an address that leads nowhere says so', async () => {
  await page.goto('/explorer/simulations/nobody');
  await wait(page.getByRole('alert'));
  await page.goto('/explorer/elsewhere');
  await wait(page.getByText('Nothing is here'));
});

test('dark as well as light', async () => {
  const dark = await openPage(browser, { url: stack.url, colorScheme: 'dark' });
  await dark.page.goto('/');
  await dark.page.getByRole('link', { name: 'forwarding-reset', exact: true }).click();
  await dark.page.locator('[data-testid=topology][data-ready=true]').waitFor();
  await dark.page.getByRole('button', { name: 'Packet 0 of to-pod', exact: true }).click();
  await dark.page.locator('.step.is-end').waitFor();
  const ground = await dark.page.evaluate(GROUND);
  expect(ground).toBe('rgb(15, 20, 25)');
  await picture(dark.page, 'forwarding-reset');
  await dark.page.getByRole('button', { name: /Colours/ }).click();
  expect(await dark.page.evaluate(GROUND)).toBe('rgb(246, 247, 249)');
  await dark.page.close();
});
