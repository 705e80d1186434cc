/** The rule's own header: addresses, interfaces, protocol, fragments (ip_packet_match, ip6_packet_match; Linux 6.18). */
import { isInverted, type Evaluate } from './answer.js';

export const matchSource: Evaluate = (m, p, code, at) =>
  (p.family === 4 ? ((p.source ^ code[at + 1]) & code[at + 2]) === 0 : m.environment.addresses.isInPrefix6(p.source, code, at + 1)) !== isInverted(code, at);

export const matchDestination: Evaluate = (m, p, code, at) =>
  (p.family === 4 ? ((p.destination ^ code[at + 1]) & code[at + 2]) === 0 : m.environment.addresses.isInPrefix6(p.destination, code, at + 1)) !==
  isInverted(code, at);

export const matchSourceIs: Evaluate = (_, p, code, at) => (p.source === code[at + 1]) !== isInverted(code, at);

export const matchDestinationIs: Evaluate = (_, p, code, at) => (p.destination === code[at + 1]) !== isInverted(code, at);

export const matchInputInterface: Evaluate = (m, _, code, at) => (m.netfilter.inputName === code[at + 1]) !== isInverted(code, at);

export const matchOutputInterface: Evaluate = (m, _, code, at) => (m.netfilter.outputName === code[at + 1]) !== isInverted(code, at);

export const matchInputPattern: Evaluate = (m, _, code, at) =>
  m.netfilter.store.patterns.matches(code[at + 1], m.netfilter.inputName) !== isInverted(code, at);

export const matchOutputPattern: Evaluate = (m, _, code, at) =>
  m.netfilter.store.patterns.matches(code[at + 1], m.netfilter.outputName) !== isInverted(code, at);

export const matchProtocol: Evaluate = (_, p, code, at) => (p.protocol === code[at + 1]) !== isInverted(code, at);

/** `-f`: second and further fragments. */
export const matchFragment: Evaluate = (_, p, code, at) => p.fragmentOffset !== 0 !== isInverted(code, at);
