import { parseIptablesCommand } from './command-line.js';
import { splitWords } from './restore.js';

it.each([
  { line: 'iptables -w -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to 1.2.3.4', action: 'append', table: 'nat', chain: 'PREROUTING', text: '-p tcp -m tcp --dport 80 -j DNAT --to-destination 1.2.3.4' },
  { line: 'iptables -t nat -D KUBE-SVC-X 1', action: 'delete', table: 'nat', chain: 'KUBE-SVC-X', number: 1, text: null },
  { line: 'iptables -I INPUT -s 10.0.0.1 -j DROP', action: 'insert', table: 'filter', chain: 'INPUT', number: null, text: '-s 10.0.0.1/32 -j DROP' },
  { line: 'iptables -I INPUT 3 -j DROP', action: 'insert', table: 'filter', chain: 'INPUT', number: 3, text: '-j DROP' },
  { line: 'iptables --wait 5 -R INPUT 2 -j DROP', action: 'replace', table: 'filter', chain: 'INPUT', number: 2, text: '-j DROP' },
  { line: 'iptables -P FORWARD DROP', action: 'policy', table: 'filter', chain: 'FORWARD', argument: 'DROP', text: null },
  { line: 'iptables -F', action: 'flush', table: 'filter', chain: null, text: null },
  { line: 'iptables -t mangle -X FOO', action: 'deleteChain', table: 'mangle', chain: 'FOO', text: null },
  { line: 'iptables -E A B', action: 'renameChain', table: 'filter', chain: 'A', argument: 'B', text: null },
  { line: 'iptables -nvL INPUT --line-numbers', action: undefined, message: 'no command specified' },
  { line: 'iptables -n -L INPUT', action: 'list', table: 'filter', chain: 'INPUT', text: null },
  { line: 'iptables -A INPUT --frob', action: undefined, message: 'unknown option "--frob"' },
  { line: 'iptables -A INPUT --protocol tcp --destination-port 80 --jump ACCEPT', action: 'append', table: 'filter', chain: 'INPUT', text: '-p tcp -m tcp --dport 80 -j ACCEPT' },
  { line: 'iptables -A INPUT --proto tcp --dest 1.2.3.4 --jump ACCEPT', action: 'append', table: 'filter', chain: 'INPUT', text: '-d 1.2.3.4/32 -p tcp -j ACCEPT' },
])('$line', ({ line, text, message, ...expected }) => {
  const [tool, ...words] = splitWords(line);
  const command = parseIptablesCommand(tool as string, words);
  if (message !== undefined) return expect(command).toMatchObject({ message });
  expect(command).toMatchObject(expected);
  expect('rules' in command ? (command.rules?.texts[0] ?? null) : undefined).toBe(text);
});
