/** Files out of a drop or a file dialog, folders walked through. */
import type { DroppedFile } from './drop.js';

export async function filesOfDrop(transfer: DataTransfer): Promise<readonly DroppedFile[]> {
  // Entries must be taken before the first wait: the list is empty afterwards.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  return (await Promise.all(entries.map(filesOfEntry))).flat();
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
