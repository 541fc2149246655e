import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A place that a source file takes something from. */
export interface Import {
  /** As written: `./shapes.js`, `node:fs`, `zod`. */
  readonly specifier: string;
  /** Erased by the compiler. */
  readonly typeOnly: boolean;
  /** Loaded where `import()` is called. */
  readonly dynamic: boolean;
}

/** A source file with what the rules look at. */
export interface SourceFile {
  /** From the repository's root, with `/`: `src/base/shapes.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** The text without comments. */
  readonly code: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const importPattern =
  /\b(?:import|export)\s+(?:(type)\s+)?(?:[\w$*\s{},]*?\bfrom\s*)?['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g;

/** All program files below these folders of the repository, without their tests. */
export function readSources(folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) => {
    const names = existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { encoding: 'utf8', recursive: true })
      : [];
    return names
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.endsWith('.d.ts'))
      .sort()
      .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
  });
}

/** A source file's imports and code. */
export function parseSource(path: string, text: string): SourceFile {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const imports = [...code.matchAll(importPattern)].map(([, type, named, dynamic]) => ({
    specifier: named ?? dynamic!,
    typeOnly: type !== undefined,
    dynamic: dynamic !== undefined,
  }));
  return { path, imports, code };
}

/** The file that a relative import means, from the repository's root; null for packages. */
export function targetOf(from: string, { specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
