/** ip(8) on a machine: links, addresses, routes, rules and neighbours, with the kernel's side effects and the tool's errors (iproute2 6.1, Linux 6.18). */
import { parseIpCommand, type IpCommand } from '@worldline/language';
import { flushRules } from '../routing/index.js';
import { done, notUnderstood, type CommandResult } from './command-result.js';
import { changeAddress, flushAddresses } from './ip-address.js';
import { addLink, deleteLink, setLink } from './ip-link.js';
import { changeNeighbour, flushNeighbours } from './ip-neighbour.js';
import { changeRoute, changeRule, flushRoutes } from './ip-route.js';
import type { NetworkCommandMachine } from './network-machine.js';

/** Carries out the words after `ip` on `m`; `machines` are all of the network, for the other ends of its links. Commands that only print print nothing. */
export function runIp(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, words: readonly string[]): CommandResult {
  const { value, issues } = parseIpCommand(words);
  if (!value) return notUnderstood('ip', issues[0]?.word ?? '', issues[0]?.message ?? '');
  return carryOut(machines, m, value);
}

function carryOut(machines: readonly NetworkCommandMachine[], m: NetworkCommandMachine, command: IpCommand): CommandResult {
  if (command.action === 'show') return done();
  switch (command.object) {
    case 'link':
      if (command.action === 'add') return addLink(machines, m, command.link);
      return command.action === 'set' ? setLink(machines, m, command.device, command.changes) : deleteLink(machines, m, command.device);
    case 'address':
      return command.action === 'flush' ? flushAddresses(m, command) : changeAddress(m, command.action, command.address);
    case 'route':
      return command.action === 'flush' ? flushRoutes(m, command.filter) : changeRoute(m, command.action, command.route);
    case 'rule':
      if (command.action !== 'flush') return changeRule(m, command.action, command.rule);
      flushRules(m, command.family);
      return done();
    case 'neighbour':
      return command.action === 'flush' ? flushNeighbours(m, command) : changeNeighbour(m, command.action, command.neighbour);
  }
}
