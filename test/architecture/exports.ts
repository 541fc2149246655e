import { type SourceFile, targetOf } from './sources.js';

/** A name that a file exports. */
export interface ExportedName {
  /** From the repository's root. */
  readonly path: string;
  readonly name: string;
}

const declaration =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|const|let|class|interface|type|enum)\s+([\w$]+)/gm;

/** What the files declare and export; names that they only pass on are of another file. */
export function exportedNames(files: readonly SourceFile[]): readonly ExportedName[] {
  return files.flatMap(({ path, code }) =>
    [...code.matchAll(declaration)].map(([, name]) => ({ path, name: name! })),
  );
}

/**
 * Exported names that no other file uses: none that imports theirs has the name in it.
 *
 * @param exporting files whose exports are looked at
 * @param using files that may use them
 */
export function unusedExports(
  exporting: readonly SourceFile[],
  using: readonly SourceFile[],
): readonly ExportedName[] {
  const users = new Map<string, Set<string>>();
  for (const file of using) {
    const words = new Set(file.code.match(/[\w$]+/g));
    const targets = new Set(file.imports.map((one) => targetOf(file.path, one)));
    for (const target of targets) {
      // A component is imported as .js, whatever its file's ending.
      for (const path of target === null ? [] : [target, target.replace(/\.ts$/, '.tsx')]) {
        const known = users.get(path) ?? new Set();
        for (const word of words) known.add(word);
        users.set(path, known);
      }
    }
  }
  return exportedNames(exporting).filter(({ path, name }) => !users.get(path)?.has(name));
}
