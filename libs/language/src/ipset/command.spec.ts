import { readIpsetCommand, readIpsetLine } from './command.js';
import { splitIpsetLine } from './words.js';

describe('command lines', () => {
  it.each([
    ['add s 1.2.3.4 timeout 5', { verb: 'add', set: 's', entry: '1.2.3.4', options: ['timeout', '5'], isExist: false }],
    ['-exist add s 1.2.3.4', { verb: 'add', isExist: true, options: [] }],
    ['-A s 1.2.3.4 -!', { verb: 'add', isExist: true, options: [] }],
    ['create s hash:ip -exist', { verb: 'create', set: 's', isExist: true }],
    ['-N s iphash', { verb: 'create', spec: expect.objectContaining({ type: expect.objectContaining({ name: 'hash:ip' }) }) }],
    ['del s 1.2.3.4', { verb: 'del' }],
    ['test s 1.2.3.4 -q', { verb: 'test', isQuiet: true }],
    ['-X', { verb: 'destroy', set: null }],
    ['flush s', { verb: 'flush', set: 's' }],
    ['rename a b', { verb: 'rename', set: 'a', other: 'b' }],
    ['-W a b', { verb: 'swap', set: 'a', other: 'b' }],
    ['save', { verb: 'save', set: null }],
    ['list s -o save', { verb: 'save', set: 's' }],
    ['list -n', { verb: 'list', isNames: true }],
    ['restore -! -f sets', { verb: 'restore', isExist: true, file: 'sets' }],
  ])('%s', (line, command) => expect(readIpsetCommand(splitIpsetLine(line))).toMatchObject(command));

  it('comments and blank lines of a restore are none', () => {
    expect(['', '  ', '# add s 1.1.1.1', 'COMMIT'].map(readIpsetLine)).toEqual([null, null, null, null]);
  });

  it('a quoted word is one', () => expect(splitIpsetLine('add s 1.1.1.1 comment "a b"')).toEqual(['add', 's', '1.1.1.1', 'comment', 'a b']));
});
