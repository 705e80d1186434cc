import { documentOf, Field, IssueSink, nearestWord, readDocuments } from './index.js';

const options = { file: 's.yaml', code: 'Invalid' };

describe('readDocuments', () => {
  it.each([
    ['yaml', 'a: [1, yes, 0x10, 1.5, null, ~]\nb: {c: "d"}\n', [{ a: [1, 'yes', 16, 1.5, null, null], b: { c: 'd' } }]],
    ['json in a yaml file', '{"a": [1]}', [{ a: [1] }]],
    ['a flow map that is no json', '{a: [1]}', [{ a: [1] }]],
    ['several documents', 'a: 1\n---\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['aliases', 'a: &x {b: 1}\nc: [*x, *x]\n', [{ a: { b: 1 }, c: [{ b: 1 }, { b: 1 }] }]],
    ['numbers as names', '443: x\n', [{ '443': 'x' }]],
    ['nothing', '', []],
    ['a comment', '# nothing\n', []],
  ])('reads %s', (_, text, expected) => {
    const { documents, issues } = readDocuments(text, options);
    expect(issues).toEqual([]);
    expect(documents.map(({ value }) => value)).toEqual(expected);
  });

  it.each([
    ['a broken list', 'a: [1, 2\nb: 3\n', 2],
    ['a name that stands twice', 'a: 1\nb: 2\na: 3\n', 3],
    ['an alias of nothing', 'a: 1\nb: *x\n', 2],
    ['a value that contains itself', 'a: &x\n  b: *x\n', 2],
    ['a tag', 'a: !!binary aGVsbG8=\n', 1],
    ['a list as name', '? [a, b]\n: c\n', 1],
    ['what is no number', 'a: 1\nb: .nan\n', 2],
    ['tabs', 'a:\n\tb: 1\n', 2],
  ])('refuses %s with its line', (_, text, line) => {
    const { documents, issues } = readDocuments(text, options);
    expect(documents).toEqual([]);
    expect(issues[0]).toMatchObject({ code: 'Invalid', severity: 'error', file: 's.yaml', line });
  });

  it.each([
    ['{"a": }', 7],
    ['{"a": 1,}', 9],
    ['{"a" 1}', 6],
    ['[1, 2', 6],
    ['{"a": 01}', 7],
    ['{"a": tru}', 7],
    ['[1] 2', 5],
    ['{"a": "b\n"}', 7],
  ])('says where %j is no JSON', (text, column) => {
    expect(readDocuments(text, { ...options, file: 's.json' }).issues).toMatchObject([{ line: 1, column }]);
  });

  it('refuses a bomb of aliases before it goes off', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 9 }, () => (i === 0 ? 'x' : `*l${i}`)).join(', ')}]`);
    const { issues } = readDocuments(levels.join('\n'), options);
    expect(issues[0]?.message).toMatch(/aliases add more than/);
  });

  it.each([
    ['brackets', '['.repeat(100_000)],
    ['brackets in json', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['maps', '{a: '.repeat(50_000)],
    ['indentation', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['dashes', '- '.repeat(20_000)],
  ])('refuses %s nested without end', (_, text) => {
    const { documents, issues } = readDocuments(text, options);
    expect(documents).toEqual([]);
    expect(issues.length).toBeGreaterThan(0);
  });

  it('keeps a name that means something to JavaScript', () => {
    const value = readDocuments('__proto__: {a: 1}\nconstructor: x\n', options).documents[0]?.value as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect((value as { a?: number }).a).toBeUndefined();
  });

  it.each([
    ['yaml', 'a:\n  - b: 1\n    c: [x,\n      y]\n', ['a', '0', 'c', '1'], false, [4, 7]],
    ['the name of a value', 'a:\n  - b: 1\n', ['a', '0', 'b'], true, [2, 5]],
    ['json', '{"a": [\n  {"b": 1,\n   "c": 2}]}', ['a', '0', 'c'], false, [3, 9]],
    ['the name in json', '{"a": [\n  {"b": 1,\n   "c": 2}]}', ['a', '0', 'c'], true, [3, 4]],
    ['what is not there: its parent', 'a:\n  b: 1\n', ['a', 'x'], false, [2, 3]],
  ])('finds %s', (_, text, path, isKey, [line, column]) => {
    expect(readDocuments(text, options).documents[0]?.place(path, isKey)).toEqual({ line, column });
  });
});

describe('nearestWord', () => {
  it.each([
    ['detsination', 'destination'],
    ['Protocol', 'protocol'],
    ['ever', 'every'],
    ['xyz', null],
    ['', null],
  ])('of %j is %j', (word, expected) => expect(nearestWord(word, ['destination', 'protocol', 'every', 'ttl'])).toBe(expected));
});

describe('Field', () => {
  const fieldOf = (value: string | number | boolean | null | string[]): Field => new Field(value, ['x'], new IssueSink(documentOf({ x: value }), options));

  it.each([
    ['100ms', 100_000],
    ['1.5s', 1_500_000],
    [0, 0],
    [5, null],
    ['-1ms', null],
    ['1e3s', null],
    ['5 seconds', null],
    ['99999999999h', null],
  ])('duration %j', (value, expected) => {
    const field = fieldOf(value);
    expect(field.duration('a time')).toBe(expected);
    expect(field.sink.issues).toHaveLength(expected === null ? 1 : 0);
  });

  it('says no more than a hundred things about one document', () => {
    const field = fieldOf(Array.from({ length: 500 }, () => 'x'));
    for (const item of field.list('numbers')) item.integer('a number', 0, 9);
    expect(field.sink.issues).toHaveLength(101);
  });
});
