import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for parsers that read from the disk. */
export interface ScratchFolder {
  /** Writes a file into the folder and says where it is. */
  readonly put: (name: string, bytes: Uint8Array) => string;
  readonly remove: () => void;
}

/** A new folder that is made when something is first put into it. */
export function scratchFolder(): ScratchFolder {
  let folder: string | undefined;
  return {
    put: (name, bytes) => {
      folder ??= mkdtempSync(join(tmpdir(), 'utad-fuzz-'));
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    },
    remove: () => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      folder = undefined;
    },
  };
}
