import type { DroppedFile } from '../picture/dropped.js';

/** The files of a drop, those in folders at any depth included. */
export async function filesOfDrop(data: DataTransfer): Promise<readonly DroppedFile[]> {
  // Entries must be taken before the first wait: the list is emptied with the event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return filesOfList(data.files);
  const found: DroppedFile[] = [];
  for (const entry of entries) await collect(entry, found);
  return found;
}

/** The files of a chooser, with their paths in a chosen folder. */
export function filesOfList(list: FileList | readonly File[]): readonly DroppedFile[] {
  return [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function collect(entry: FileSystemEntry, found: DroppedFile[]): Promise<void> {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ path, file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const next = (): Promise<FileSystemEntry[]> =>
    new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  // A folder is given in parts, the last of them empty.
  for (let part = await next(); part.length > 0; part = await next())
    for (const one of part) await collect(one, found);
}
