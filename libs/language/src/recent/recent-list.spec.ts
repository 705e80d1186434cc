import { printRecent, readRecent } from './recent-list.js';

const TEXT = `\
# KUBE-SEP-A
src=10.244.1.10 ttl: 64 last_seen: 4296634023 oldest_pkt: 2 4296633904, 4296634023
src=2001:db8::1 ttl: 63 last_seen: 4296634103 oldest_pkt: 1 4296634103
# EMPTY
`;

it('stamps are microseconds before the newest', () => {
  const { value, issues } = readRecent(TEXT, 'recent.txt');
  expect(issues).toEqual([]);
  expect(value).toEqual({
    names: ['KUBE-SEP-A', 'EMPTY'],
    entries: [
      { list: 'KUBE-SEP-A', source: '10.244.1.10', ttl: 64, stamps: [320_000, 796_000] },
      { list: 'KUBE-SEP-A', source: '2001:db8::1', ttl: 63, stamps: [0] },
    ],
  });
});

it('lists are printed as they were read', () => {
  const { value } = readRecent(TEXT, 'recent.txt');
  expect(value && printRecent(value, 4296634103)).toBe(TEXT);
});

it('a line that is none is said', () => {
  const { issues } = readRecent('# A\nhello\nsrc=1.2.3 ttl: 1 last_seen: 1 oldest_pkt: 1 1\n', 'recent.txt');
  expect(issues.map((issue) => [issue.line, issue.word])).toEqual([
    [2, 'hello'],
    [3, 'src=1.2.3'],
  ]);
});
