import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OperatingError } from '@worldline/application';
import { writeTarGz, writeZip } from '@worldline/snapshot';
import { NodeFiles } from './index.js';

const BUNDLE = { 'cluster.yaml': 'kind: Cluster\n', 'nodes/n1/uname.txt': '6.18.0\n', 'nodes/n1/sysctl.txt': 'net.ipv4.ip_forward = 1\n' };
const TEXT = new TextDecoder();

let folder: string;
let files: NodeFiles;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worldline-files-'));
  files = new NodeFiles(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

function under(prefix: string): Map<string, string> {
  return new Map(Object.entries(BUNDLE).map(([name, text]) => [prefix + name, text]));
}

function writeFolder(): Promise<void> {
  return files.writeTree('b', new Map(Object.entries(BUNDLE)));
}

const writeFile = (content: Uint8Array): Promise<void> => files.writeFile('b', content);

test.each<{ name: string; write: () => Promise<void> }>([
  { name: 'folder', write: writeFolder },
  { name: 'tar', write: () => writeFile(gunzipSync(writeTarGz(under('')))) },
  { name: 'tar with ./', write: () => writeFile(gunzipSync(writeTarGz(under('./')))) },
  { name: 'tar.gz under one folder', write: () => writeFile(writeTarGz(under('prod/'))) },
  { name: 'zip', write: () => writeFile(writeZip(under(''))) },
  { name: 'zip under one folder', write: () => writeFile(writeZip(under('prod/'))) },
])('$name holds the same files', async ({ write }) => {
  await write();
  const { value } = await files.readTree('b');
  expect(Object.fromEntries([...(value ?? [])].map(([name, bytes]) => [name, TEXT.decode(bytes)]))).toEqual(BUNDLE);
});

test.each([
  { name: 'missing', content: null, code: 'MissingFile', message: 'no such file or folder' },
  { name: 'text', content: 'hello', code: 'UnknownArchive', message: 'is neither .tar.gz, .tar nor .zip' },
  { name: 'empty', content: '', code: 'UnknownArchive', message: 'is neither .tar.gz, .tar nor .zip' },
  { name: 'broken gzip', content: Buffer.from([0x1f, 0x8b, 1, 2, 3]), code: 'BrokenArchive', message: 'the archive is damaged' },
  { name: 'broken zip', content: 'PK\x03\x04xxxx', code: 'BrokenArchive', message: 'the archive has no central directory' },
])('$name is an issue that names the path', async ({ content, code, message }) => {
  if (content !== null) writeFileSync(join(folder, 'b'), content);
  const { value, issues } = await files.readTree('b');
  expect(value).toBeNull();
  expect(issues).toEqual([expect.objectContaining({ code, severity: 'error', file: 'b', message: expect.stringContaining(message) })]);
});

test.each([
  { name: 'missing', content: null, code: 'MissingFile' },
  { name: 'not UTF-8', content: Buffer.from([0xff, 0xfe]), code: 'NotText' },
])('a text file that is $name is an issue', async ({ content, code }) => {
  if (content !== null) writeFileSync(join(folder, 't'), content);
  expect((await files.readText('t')).issues[0]?.code).toBe(code);
});

test('a folder as text is an issue', async () => {
  expect((await files.readText('.')).issues[0]).toMatchObject({ code: 'UnreadableFile', message: 'is a folder' });
});

test('what cannot be written is an operating error', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(files.writeFile('file/inside', 'x')).rejects.toThrow(OperatingError);
});

test('a tree is written with its folders', async () => {
  await files.writeTree('out', new Map([['nodes/n1/a.txt', 'A']]));
  expect(readFileSync(join(folder, 'out/nodes/n1/a.txt'), 'utf8')).toBe('A');
});

test.each([
  { base: 'scenarios/x/scenario.yaml', path: './snapshot', resolved: 'scenarios/x/snapshot' },
  { base: 'scenario.yaml', path: '../b', resolved: '../b' },
  { base: 'a/s.yaml', path: '/b', resolved: '/b' },
  { base: '-', path: './snapshot', resolved: './snapshot' },
])('$path in $base is $resolved', ({ base, path, resolved }) => {
  expect(files.resolve(base, path)).toBe(resolved);
});
