import { parseScript, runBuiltin, sleepTime } from './index.js';
import type { SimpleCommand } from './index.js';

const commands = (text: string): SimpleCommand[] => parseScript(text).script.pipelines.flatMap((pipeline) => pipeline.commands);
const argvs = (text: string): (readonly string[])[] => commands(text).map(({ argv }) => argv);
const words = (text: string): string[] => parseScript(text).faults.map(({ word }) => word);

describe('words', () => {
  it.each([
    ["sysctl -w net.ipv4.ip_forward=1", [['sysctl', '-w', 'net.ipv4.ip_forward=1']]],
    [`iptables -m comment --comment "count new"`, [['iptables', '-m', 'comment', '--comment', 'count new']]],
    [`a 'it''s' "a \\"b\\" \\$c \\x" d\\ e`, [['a', 'its', 'a "b" $c \\x', 'd e']]],
    [`a '' ""`, [['a', '', '']]],
    ['a b#c # comment ; d', [['a', 'b#c']]],
    ['a \\\n  b', [['a', 'b']]],
    ['ip6tables --to-destination [fd00:10:244:1::20]:8080', [['ip6tables', '--to-destination', '[fd00:10:244:1::20]:8080']]],
    ['sysctl -w net.ipv4.conf.*.rp_filter=0', [['sysctl', '-w', 'net.ipv4.conf.*.rp_filter=0']]],
    ['iptables ! -s 10.0.0.0/8', [['iptables', '!', '-s', '10.0.0.0/8']]],
    ['a 5$ $', [['a', '5$', '$']]],
    ['', []],
    ['  # nothing\n\n', []],
  ])('%j', (text, expected) => {
    expect(words(text)).toEqual([]);
    expect(argvs(text)).toEqual(expected);
  });
});

describe('lists and pipelines', () => {
  it.each([
    ['a; b', ['always a', 'always b']],
    ['a && b || c;', ['always a', 'success b', 'failure c']],
    ['a\nb', ['always a', 'always b']],
    ['a &&\n\n b', ['always a', 'success b']],
    ['a | b | c; d', ['always a|b|c', 'always d']],
    ['! a && b', ['always !a', 'success b']],
  ])('%j', (text, expected) => {
    const { script, faults } = parseScript(text);
    expect(faults).toEqual([]);
    expect(script.pipelines.map(({ condition, isNegated, commands: list }) => `${condition} ${isNegated ? '!' : ''}${list.map(({ argv }) => argv.join(' ')).join('|')}`)).toEqual(expected);
  });

  it('says where each command stands', () => {
    expect(commands('a; b\n  c').map(({ line, column }) => [line, column])).toEqual([[1, 1], [1, 4], [2, 3]]);
  });
});

describe('redirections', () => {
  it.each([
    ['a', 'none', 'show', 'show'],
    ['a >/dev/null', 'none', 'discard', 'show'],
    ['a > /dev/null 2>&1', 'none', 'discard', 'discard'],
    ['a 2>&1 >/dev/null', 'none', 'discard', 'show'],
    ['a 2>/dev/null', 'none', 'show', 'discard'],
    ['a &>/dev/null', 'none', 'discard', 'discard'],
    ['a >&2', 'none', 'show', 'show'],
    ['a <rules.txt', { kind: 'file', path: 'rules.txt' }, 'show', 'show'],
    ['a </dev/null', { kind: 'text', text: '' }, 'show', 'show'],
    ['a <<<"one two"', { kind: 'text', text: 'one two\n' }, 'show', 'show'],
    ['a <<EOF\n*nat\nCOMMIT\nEOF\n', { kind: 'text', text: '*nat\nCOMMIT\n' }, 'show', 'show'],
    ["a <<'X' >/dev/null\n$HOME `x` \\$\nX", { kind: 'text', text: '$HOME `x` \\$\n' }, 'discard', 'show'],
    ['a <<-E\n\t\tone\n\tE', { kind: 'text', text: 'one\n' }, 'show', 'show'],
    ['a <<E\n\\$x \\\\ \\y\nE', { kind: 'text', text: '$x \\ \\y\n' }, 'show', 'show'],
  ])('%j', (text, input, output, errors) => {
    expect(words(text)).toEqual([]);
    expect(commands(text)).toMatchObject([{ argv: ['a'], input: typeof input === 'string' ? { kind: input } : input, output, errors }]);
  });

  it('joins a pipe', () => {
    expect(commands('echo x 2>&1 | iptables-restore')).toMatchObject([
      { output: 'pipe', errors: 'pipe', input: { kind: 'none' } },
      { output: 'show', input: { kind: 'pipe' } },
    ]);
  });

  it('goes on after a here-document', () => {
    expect(argvs('iptables-restore <<EOF && conntrack -F\n*nat\nEOF\nip link')).toEqual([['iptables-restore'], ['conntrack', '-F'], ['ip', 'link']]);
  });
});

describe('what is refused, by name', () => {
  it.each([
    ['ip route add $X', '$X', 14],
    ['a "${X}"', '${X}', 4],
    ['a $(hostname)', '$(hostname)', 3],
    ['a `hostname`', '`hostname`', 3],
    ['a /etc/*', '/etc/*', 3],
    ['a ~/x', '~/x', 3],
    ['a {1..3}', '{1..3}', 3],
    ['a > out.txt', 'out.txt', 5],
    ['a & b', '&', 3],
    ['(a)', '(', 1],
    ['X=1 a', 'X=1', 1],
    ['for', 'for', 1],
    ["a 'b", "'", 3],
    ['a |', '|', 4],
    ['a &&', '&&', 5],
    ['a <<EOF\nb', 'EOF', 2],
    ['a <', '<', 4],
    ['a 3>x; ; b', ';', 8],
  ])('%j', (text, word, column) => {
    expect(parseScript(text).faults.find((fault) => fault.word === word)).toMatchObject({ word, column });
  });
});

describe('commands that only produce text', () => {
  it.each([
    [['echo', '*nat'], '', '*nat\n', 0],
    [['echo', '-n', 'a', 'b'], '', 'a b', 0],
    [['echo', '-e', 'a\\nb'], '', 'a\nb\n', 0],
    [['echo', '-E', 'a\\nb'], '', 'a\\nb\n', 0],
    [['printf', '%s\\n', 'a', 'b'], '', 'a\nb\n', 0],
    [['printf', '*nat\\n:%s - [%d:0]\\n', 'X', '7'], '', '*nat\n:X - [7:0]\n', 0],
    [['printf', '100%%'], '', '100%', 0],
    [['cat'], 'x\n', 'x\n', 0],
    [['true'], '', '', 0],
    [[':'], '', '', 0],
    [['false'], '', '', 1],
  ])('%j', (argv, input, output, status) => expect(runBuiltin(argv, input)).toEqual({ output, status }));

  it.each([
    [['cat', '/etc/hosts'], '/etc/hosts'],
    [['printf', '%5s', 'a'], '%5s'],
    [['printf'], 'printf'],
  ])('%j is refused', (argv, word) => expect(runBuiltin(argv, '')).toMatchObject({ word }));

  it('leaves others alone', () => expect(runBuiltin(['iptables', '-L'], '')).toBeNull());
});

describe('sleep', () => {
  it.each([
    [['sleep', '2'], 2_000_000],
    [['sleep', '0.25'], 250_000],
    [['sleep', '1m', '1s'], 61_000_000],
    [['sleep', 'soon'], { word: 'soon' }],
    [['sleep'], { word: 'sleep' }],
    [['ip'], null],
  ])('%j', (argv, expected) => {
    const time = sleepTime(argv);
    if (typeof expected === 'object' && expected !== null) expect(time).toMatchObject(expected);
    else expect(time).toBe(expected);
  });
});
