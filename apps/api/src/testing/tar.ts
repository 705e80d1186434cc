/** Archives as a hostile or hasty client may make them: nothing is checked. */
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  readonly name: string;
  readonly content: string | Buffer;
  /** `0` file, `2` symbolic link. */
  readonly type?: string;
  readonly link?: string;
}

export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, content, type = '0', link = '' }) => {
    const bytes = Buffer.from(content);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157);
    header.write('ustar\0' + '00', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function tarGz(files: Readonly<Record<string, string>>): Buffer {
  return gzipSync(tar(Object.entries(files).map(([name, content]) => ({ name, content }))));
}
