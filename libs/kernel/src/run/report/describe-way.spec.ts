import { parseAddress, type IpAddress } from '@worldline/model';
import { AddressTable, CT_ESTABLISHED, CT_NEW, NameTable, PROTOCOL_UDP } from '../../packet/index.js';
import { CONNTRACK_CREATED, CONNTRACK_FOUND, NAT_SKIPPED_BOUND, Recorder, STEP_CONNTRACK, STEP_ENTER, STEP_NAT_SKIPPED, STEP_TRANSFORM, TRANSFORM_RULE } from '../../record/index.js';
import type { RunNetwork } from '../network.js';
import { describeWay } from './describe-way.js';
import { ReportNames } from './names.js';

const DESTINATION = 1;
const addresses = new AddressTable();
const interfaceNames = new NameTable();
const ETH0 = interfaceNames.id('eth0');
const names = new ReportNames(
  { environment: { addresses, interfaceNames }, placeName: () => 'node/n1' } as unknown as RunNetwork,
  () => ({ table: 'filter', chain: 'FORWARD', number: null, text: '-P FORWARD' }),
);

function handle(text: string): number {
  return addresses.handle(parseAddress(text) as IpAddress);
}

/** The steps of one hop after its first. */
function steps(way: number[], details: number[]): { kind: string; action: string; text: string }[] {
  const [hop] = describeWay(Int32Array.of(STEP_ENTER, 0, ETH0, ...way), Int32Array.from(details), names, new Recorder());
  return hop.steps.slice(1);
}

it.each([
  { family: 4, client: '10.0.0.1', service: '10.96.0.1', server: '10.1.0.1', show: (ip: string) => ip },
  { family: 6, client: 'fd00::1', service: 'fd00:96::1', server: 'fd00:1::1', show: (ip: string) => `[${ip}]` },
])('tells people of a connection and its translation, IPv$family', ({ family, client, service, server, show }) => {
  const [c, v, s] = [client, service, server].map(handle);
  const way = [STEP_CONNTRACK, CONNTRACK_CREATED, CT_NEW, STEP_TRANSFORM, DESTINATION, TRANSFORM_RULE, s, 0, 0];
  const details = [family, PROTOCOL_UDP, c, v, 4000, 53, v, c, 53, 4000, family, v, 53, s, 53];
  expect(steps(way, details)).toMatchObject([
    { kind: 'Conntrack', action: 'created', text: `conntrack: created udp ${show(client)}:4000 > ${show(service)}:53 (reply ${show(service)}:53 > ${show(client)}:4000) NEW` },
    { kind: 'Transformation', action: 'destination', text: `destination ${show(service)}:53 -> ${show(server)}:53 by the rule` },
  ]);
});

it('tells people which rules were not asked', () => {
  const details = [4, PROTOCOL_UDP, handle('10.0.0.1'), handle('10.0.0.2'), 1, 2, handle('10.0.0.2'), handle('10.0.0.1'), 2, 1];
  expect(steps([STEP_CONNTRACK, CONNTRACK_FOUND, CT_ESTABLISHED, STEP_NAT_SKIPPED, DESTINATION, NAT_SKIPPED_BOUND], details)).toMatchObject([
    { kind: 'Conntrack', action: 'found' },
    { kind: 'Transformation', action: 'skipped', text: 'destination nat rules not asked: the entry is bound already' },
  ]);
});
