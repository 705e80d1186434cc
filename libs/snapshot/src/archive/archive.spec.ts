import { gzipSync, strFromU8, strToU8, zipSync } from 'fflate';
import { ARCHIVE_LIMITS, readArchive, writeTarGz, writeZip } from './index.js';
import { writeTar } from './tar.js';

const FILES = new Map<string, string>([
  ['cluster.yaml', 'kind: Cluster\n'],
  ['nodes/n1/iptables-save.txt', '*filter\nCOMMIT\n'],
  [`pods/default/${'long-name-'.repeat(20)}/ip-addr.json`, '[]'],
  ['nodes/knöten/sockets.txt', ''],
]);

function contents(archive: Uint8Array): Record<string, string> | string {
  const { value, issues } = readArchive(archive, 'b');
  return value ? Object.fromEntries([...value].map(([name, bytes]) => [name, strFromU8(bytes)])) : issues.map(({ code }) => code).join();
}

const bytesOf = (files: ReadonlyMap<string, string>): [string, Uint8Array][] => [...files].map(([name, text]) => [name, strToU8(text)]);

describe('readArchive', () => {
  it.each([
    ['tar', writeTar(bytesOf(FILES))],
    ['tar.gz', writeTarGz(FILES)],
    ['zip', writeZip(FILES)],
    ['zip, stored', zipSync(Object.fromEntries(bytesOf(FILES)), { level: 0, mtime: '1980-01-01T00:00:00' })],
    ['tar.gz of two members', join(gzipSync(writeTar(bytesOf(FILES)).subarray(0, 700)), gzipSync(writeTar(bytesOf(FILES)).subarray(700)))],
  ])('reads %s', (_, archive) => expect(contents(archive)).toEqual(Object.fromEntries(FILES)));

  it.each([
    ['a folder around the bundle', ['b/cluster.yaml', 'b/nodes/n1/uname.txt'], ['cluster.yaml', 'nodes/n1/uname.txt']],
    ['dots and double slashes', ['./cluster.yaml', 'nodes//n1/./uname.txt'], ['cluster.yaml', 'nodes/n1/uname.txt']],
    ['nodes alone', ['nodes/n1/uname.txt'], ['nodes/n1/uname.txt']],
    ['what Finder leaves', ['b/cluster.yaml', '__MACOSX/b/._cluster.yaml', 'b/.DS_Store'], ['cluster.yaml']],
  ])('takes %s', (_, given, expected) => {
    const { value } = readArchive(writeTar(given.map((name) => [name, strToU8('x')])), 'b');
    expect([...(value ?? new Map<string, Uint8Array>()).keys()]).toEqual(expected);
  });

  it.each([
    ['climbs out', '../etc/passwd', 'UnsafePath'],
    ['climbs out in the middle', 'nodes/../../x', 'UnsafePath'],
    ['climbs out with backslashes', 'nodes\\..\\..\\x', 'UnsafePath'],
    ['is absolute', '/etc/passwd', 'UnsafePath'],
    ['is absolute on another system', 'C:/x', 'UnsafePath'],
    ['is endless', 'x'.repeat(2000), 'UnsafePath'],
  ])('refuses a path that %s', (_, name, code) => {
    expect(contents(writeTar([[name, strToU8('x')]]))).toBe(code);
    expect(contents(zipSync({ [name]: strToU8('x') }, { mtime: '1980-01-01T00:00:00' }))).toBe(code);
  });

  it.each([
    ['a symbolic link', '2', 'ArchiveLink'],
    ['a hard link', '1', 'ArchiveLink'],
    ['a device', '3', 'BrokenArchive'],
  ])('refuses %s in a tar', (_, type, code) => {
    const tar = writeTar([['nodes/n1/uname.txt', strToU8('')]]);
    tar[156] = type.charCodeAt(0);
    const sum = tar.subarray(0, 512).reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    tar.set(strToU8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    expect(contents(tar)).toBe(code);
  });

  it('refuses a link in a zip', () => {
    const zip = zipSync({ 'nodes/n1/uname.txt': [strToU8('/etc/passwd'), { os: 3, attrs: 0o120777 << 16 }] }, { mtime: '1980-01-01T00:00:00' });
    expect(contents(zip)).toBe('ArchiveLink');
  });

  it('refuses the same file twice', () => expect(contents(writeTar([['a/x', strToU8('1')], ['./a/x', strToU8('2')]]))).toBe('DuplicateFile'));

  it.each([
    ['tar.gz', writeTarGz],
    ['zip', writeZip],
  ])('refuses a bomb in %s', (_, write) => {
    const bomb = write(new Map([['nodes/n1/conntrack.txt', new Uint8Array(5_000_000)]]));
    expect(bomb.length).toBeLessThan(50_000);
    expect(readArchive(bomb, 'b', { ...ARCHIVE_LIMITS, unpackedBytes: 1_000_000 }).issues).toMatchObject([{ code: 'ArchiveTooLarge', severity: 'error', file: 'b' }]);
  });

  it('refuses too many files', () => {
    const many = writeTar(Array.from({ length: 20 }, (_, i) => [`nodes/n${i}/uname.txt`, strToU8('')]));
    expect(readArchive(many, 'b', { ...ARCHIVE_LIMITS, files: 10 }).issues).toMatchObject([{ code: 'ArchiveTooLarge' }]);
  });

  it.each([
    ['tar.gz', writeTarGz(FILES)],
    ['zip', writeZip(FILES)],
    ['tar', writeTar(bytesOf(FILES))],
  ])('never throws on a damaged %s, and takes none that is cut', (_, archive) => {
    for (let length = 0; length < archive.length - 1024; length += 37) expect(contents(archive.subarray(0, length))).toMatch(/Archive/);
    for (let at = 0; at < archive.length; at += 3) {
      const damaged = archive.slice();
      damaged[at] = (damaged[at] as number) ^ 0x55;
      contents(damaged);
    }
  });

  it('says what is no archive', () => expect(contents(strToU8('kind: Cluster'))).toBe('UnknownArchive'));
});

describe('writing', () => {
  it.each([
    ['tar.gz', writeTarGz],
    ['zip', writeZip],
  ])('%s has the same bytes whatever the order', (_, write) => {
    expect(write(new Map([...FILES].reverse()))).toEqual(write(FILES));
  });
});

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
