import { describe, expect, it } from 'vitest';
import { exportedNames, unusedExports } from './architecture/exports.js';
import { exportsWithoutUse } from './architecture/exports-without-use.js';
import {
  commandLineViolations,
  consoleViolations,
  folderKnots,
  helpViolations,
  importCycles,
  loadedForHelp,
  mayImport,
  nodeViolations,
  roomOf,
  roomViolations,
  runtimeViolations,
  sharedNames,
  testImports,
} from './architecture/rules.js';
import { parseSource, readSources } from './architecture/sources.js';

const files = readSources(['src', 'bench', 'web']);

describe('the house', () => {
  it('has files in every room of the table', () => {
    const rooms = new Set(files.map(({ path }) => roomOf(path)));
    expect(Object.keys(mayImport).filter((room) => !rooms.has(room))).toEqual([]);
  });

  it('imports only as the table of rooms allows', () => {
    expect(roomViolations(files)).toEqual([]);
  });

  it('has no import cycles', () => {
    expect(importCycles(files)).toEqual([]);
  });

  it('needs Node only in *.node.ts and in the rooms of Node', () => {
    expect(nodeViolations(files)).toEqual([]);
  });

  it('imports ONNX Runtime for Node through one file, which tells it to send nothing', () => {
    expect(runtimeViolations(files)).toEqual([]);
    expect(runtimeViolations([parseSource('src/cli/x.ts', "import 'onnxruntime-node';")])).toEqual([
      'src/cli/x.ts imports onnxruntime-node: only src/engine/runtime/onnx-runtime.node.ts may',
    ]);
  });

  it('writes to the console only in cli and bench', () => {
    expect(consoleViolations(files)).toEqual([]);
  });

  it('has no two folders that import each other', () => {
    expect(folderKnots(files)).toEqual([]);
  });

  it('keeps in cli only what declares options or writes to the terminal', () => {
    expect(commandLineViolations(files)).toEqual([]);
  });

  it('loads options alone for --help, and no package but the one that reads them', () => {
    const loaded = [...loadedForHelp(files).keys()];
    expect(loaded.filter((path) => /\/add-[\w-]+-command\.ts$/.test(path)).length).toBeGreaterThan(15);
    expect(helpViolations(files)).toEqual([]);
    expect(loaded.filter((path) => /^src\/(?:engine|nn|imaging\/formats|workers)\//.test(path))).toEqual([]);
    expect(loaded.length).toBeLessThan(60);
    expect(loadedForHelp(files, false).size).toBeLessThan(12);
  });

  it('has no name for two things', () => {
    // Files of cli carry the names of the commands.
    const named = files.filter(({ path }) => path.startsWith('src/') && !path.startsWith('src/cli/'));
    expect(sharedNames(named)).toEqual([]);
  });

  it('exports only what another file uses, but for the names that are listed with their reason', () => {
    const allowed = Object.values(exportsWithoutUse).flat();
    const unused = unusedExports(files, files).map(({ path, name }) => `${path} ${name}`);
    expect(unused.filter((one) => !allowed.includes(one))).toEqual([]);
    const all = exportedNames(files).map(({ path, name }) => `${path} ${name}`);
    expect(allowed.filter((one) => !all.includes(one))).toEqual([]);
  });

  it('does not depend on its tests', () => {
    expect(testImports(files)).toEqual([]);
  });
});

describe('the rules of the house', () => {
  const one = (path: string, text: string) => [parseSource(path, text)];

  it('see every way to import, and no comment', () => {
    const text = [
      "import a from './a.js';",
      "import type { B } from './b.js';",
      "import { type C,\n  d } from './c.js';",
      "import * as e from 'e';",
      "export { f } from './f.js';",
      "export type * from './g.js';",
      "import './h.js';",
      "const i = await import('./i.js');",
      "// import j from './j.js';",
      "/** import k from './k.js'; */",
    ].join('\n');
    expect(parseSource('src/base/x.ts', text).imports).toEqual([
      { specifier: './a.js', typeOnly: false, dynamic: false },
      { specifier: './b.js', typeOnly: true, dynamic: false },
      { specifier: './c.js', typeOnly: false, dynamic: false },
      { specifier: 'e', typeOnly: false, dynamic: false },
      { specifier: './f.js', typeOnly: false, dynamic: false },
      { specifier: './g.js', typeOnly: true, dynamic: false },
      { specifier: './h.js', typeOnly: false, dynamic: false },
      { specifier: './i.js', typeOnly: false, dynamic: true },
    ]);
  });

  it('name the file and the import that break the table', () => {
    expect(roomViolations(one('src/imaging/x.ts', "import { y } from '../engine/y.js';"))).toEqual([
      'src/imaging/x.ts imports ../engine/y.js: imaging may import base',
    ]);
    expect(roomViolations(one('src/attic/x.ts', ''))).toEqual([
      'src/attic/x.ts: the room attic is not in the table of rooms',
    ]);
    expect(roomViolations(one('src/cli/x.ts', "import { y } from '../engine/y.js';"))).toEqual([]);
  });

  it('find what help loads, but not what a call loads', () => {
    const house = [
      parseSource('src/cli/main.ts', "import './program.js';"),
      parseSource('src/cli/program.ts', "await import('./add-x-command.js');"),
      parseSource(
        'src/cli/add-x-command.ts',
        "import 'commander';\nimport '../base/x.js';\nimport('./x.js');",
      ),
      parseSource('src/cli/x.ts', "import 'onnxruntime-node';"),
      parseSource('src/base/x.ts', "import { z } from 'zod';\nimport type { Y } from 'y';"),
    ];
    expect([...loadedForHelp(house).keys()]).not.toContain('src/cli/x.ts');
    expect(helpViolations(house)).toEqual(['src/base/x.ts imports zod: help would load it']);
  });

  it('tell a cycle as the way around it', () => {
    const ring = [
      parseSource('src/base/a.ts', "import { b } from './b.js';"),
      parseSource('src/base/b.ts', "import type { C } from './deep/c.js';"),
      parseSource('src/base/deep/c.ts', "import { a } from '../a.js';"),
    ];
    expect(importCycles(ring)).toEqual([
      'src/base/a.ts → src/base/b.ts → src/base/deep/c.ts → src/base/a.ts',
    ]);
    expect(importCycles(ring.slice(0, 2))).toEqual([]);
  });

  it('find Node behind packages, portable names and globals', () => {
    const text = [
      "import { readFile } from 'node:fs/promises';",
      "import * as ort from 'onnxruntime-node';",
      "import { load } from './load.node.js';",
      "import type { Options } from './load.node.js';",
      'process.stdout.write(Buffer.from(process.env.HOME));',
    ].join('\n');
    expect(nodeViolations(one('src/translate/x.ts', text)).map((line) => line.split(':')[0])).toHaveLength(6);
    expect(nodeViolations(one('src/translate/x.node.ts', text))).toEqual([]);
    expect(nodeViolations(one('bench/x.ts', text))).toEqual([]);
  });

  it('tell two folders that import each other, by the rarer import', () => {
    const knot = [
      parseSource('src/base/a.ts', "import { b } from './deep/b.js';\nimport { d } from './deep/d.js';"),
      parseSource('src/base/deep/b.ts', "import type { C } from '../c.js';"),
      parseSource('src/base/c.ts', "import { c } from '../engine/c.js';"),
    ];
    expect(folderKnots(knot)).toEqual([
      'src/base and src/base/deep import each other: src/base/deep/b.ts imports ../c.js',
    ]);
    expect(folderKnots([knot[0]!, knot[2]!])).toEqual([]);
    expect(
      folderKnots(one('src/base/x.ts', "import { y } from './y.js';\nimport fs from 'node:fs';")),
    ).toEqual([]);
  });

  it('find what has no business in the command line', () => {
    const sentence =
      'src/cli/x.ts neither declares options nor writes to the terminal: it belongs in another room';
    expect(commandLineViolations(one('src/cli/x.ts', 'export const sum = (a, b) => a + b;'))).toEqual([
      sentence,
    ]);
    expect(commandLineViolations(one('src/cli/x.ts', '// console.log is not used'))).toEqual([sentence]);
    expect(commandLineViolations(one('src/jobs/x.ts', 'export const sum = (a, b) => a + b;'))).toEqual([]);
    for (const text of [
      "import { Command } from 'commander';",
      "console.log('x');",
      'process.exitCode = 1;',
      "process.stdout.write('x');",
      "import { progress } from '../terminal/progress.js';",
    ])
      expect(commandLineViolations(one('src/cli/x.ts', text)), text).toEqual([]);
  });

  it('find one name for files of two folders, whatever they run in', () => {
    const files = ['src/a/x.ts', 'src/a/x.node.ts', 'src/b/y.web.ts', 'src/c/y.tsx'].map((path) =>
      parseSource(path, ''),
    );
    expect(sharedNames(files)).toEqual(['y: src/b/y.web.ts, src/c/y.tsx']);
  });

  it('find exports that no file uses which imports theirs', () => {
    const text = [
      'export function used() {}',
      'export const idle = 1;',
      'export interface Shape {}',
      'export async function* later() {}',
      "export { other } from './z.js';",
      'const inner = 2;',
      '// export const commented = 3;',
    ].join('\n');
    const source = parseSource('src/base/x.ts', text);
    const user = parseSource('src/base/y.ts', "import { used, type Shape } from './x.js';\nused();");
    const stranger = parseSource('src/base/z.ts', 'idle();');
    const dynamic = parseSource('web/a.ts', "(await import('../src/base/x.js')).later();");
    const unused = (...using: (typeof source)[]) =>
      unusedExports([source], [source, ...using]).map(({ name }) => name);
    expect(unused()).toEqual(['used', 'idle', 'Shape', 'later']);
    expect(unused(user, stranger)).toEqual(['idle', 'later']);
    expect(unused(user, dynamic)).toEqual(['idle']);
    const part = parseSource('web/part.tsx', 'export function Part() {}');
    expect(unusedExports([part], [parseSource('web/app.tsx', "import { Part } from './part.js';")])).toEqual(
      [],
    );
  });

  it('find the console and imports of tests', () => {
    expect(consoleViolations(one('src/base/x.ts', "console.log('x')"))).toEqual([
      'src/base/x.ts uses console: only cli and bench may',
    ]);
    expect(consoleViolations(one('src/base/x.ts', '// console.log is not used'))).toEqual([]);
    expect(testImports(one('src/cli/x.ts', "import { y } from '../../test/fixtures/y.js';"))).toHaveLength(1);
  });
});
