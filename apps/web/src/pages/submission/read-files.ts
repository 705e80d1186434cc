/** Files out of a drop or a file dialog, folders walked through. */
import type { DroppedFile } from './drop.js';

export async function filesOfDrop(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  // Both must be taken before the first wait: the list is empty afterwards. What comes from no folder, as an attachment, has no entry.
  const dropped = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const found = await Promise.all(dropped.map(({ entry, file }) => (entry ? filesOfEntry(entry) : file ? [{ path: file.name, file }] : [])));
  return found.flat();
}

export function filesOfInput(list: FileList | null): readonly DroppedFile[] {
  return [...(list ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function filesOfEntry(entry: FileSystemEntry): Promise<readonly DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: FileSystemEntry[] = [];
  // A reader gives at most a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOfEntry))).flat();
}
