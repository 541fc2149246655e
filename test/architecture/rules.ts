import { type Import, type SourceFile, targetOf } from './sources.js';

/** Which rooms each room may import besides itself, from the ground floor up. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  engine: ['base'],
  nn: ['base', 'engine'],
  model: ['base', 'engine', 'nn'],
  imaging: ['base'],
  metrics: ['base'],
  report: ['base', 'metrics'],
  terminal: ['base', 'report'],
  phantom: ['base', 'imaging'],
  datasets: ['base', 'imaging'],
  slices: ['base', 'imaging', 'datasets', 'phantom'],
  translate: ['base', 'engine', 'nn', 'model', 'imaging'],
  training: ['base', 'engine', 'nn', 'model', 'imaging', 'metrics', 'datasets', 'slices'],
  regression: ['base', 'engine', 'nn', 'imaging', 'metrics', 'training'],
  segmentation: ['base', 'engine', 'model', 'imaging', 'metrics', 'datasets'],
  methods: [
    'base',
    'engine',
    'nn',
    'model',
    'imaging',
    'metrics',
    'datasets',
    'slices',
    'translate',
    'training',
    'segmentation',
  ],
  survival: ['base', 'imaging', 'metrics', 'segmentation'],
  jobs: ['base', 'imaging', 'datasets'],
  serve: ['base', 'translate'],
  cohort: [
    'base',
    'imaging',
    'metrics',
    'report',
    'datasets',
    'translate',
    'segmentation',
    'survival',
    'jobs',
  ],
  evaluate: [
    'base',
    'engine',
    'imaging',
    'metrics',
    'report',
    'datasets',
    'translate',
    'regression',
    'segmentation',
    'survival',
    'jobs',
    'cohort',
  ],
  runs: [
    'base',
    'engine',
    'model',
    'imaging',
    'metrics',
    'report',
    'terminal',
    'datasets',
    'slices',
    'translate',
    'training',
    'segmentation',
    'methods',
    'jobs',
  ],
  experiments: [
    'base',
    'engine',
    'model',
    'imaging',
    'metrics',
    'report',
    'datasets',
    'slices',
    'translate',
    'training',
    'segmentation',
    'jobs',
    'cohort',
    'evaluate',
    'methods',
    'runs',
  ],
  workers: ['base', 'datasets', 'jobs', 'cohort', 'evaluate', 'runs'],
  web: ['base', 'engine', 'imaging', 'metrics', 'report', 'datasets', 'translate'],
  index: ['base', 'engine', 'imaging', 'datasets', 'translate'],
};

/** Rooms that may import every other and speak to the terminal. Nothing imports them. */
const outerRooms = ['cli', 'bench'];

/** Rooms that run in Node alone; in the others a file that needs Node is called `*.node.ts`. */
const nodeRooms = [
  ...outerRooms,
  'terminal',
  'jobs',
  'serve',
  'cohort',
  'evaluate',
  'runs',
  'experiments',
  'workers',
];

/** The room of a file: `src/<room>/…`, or the folder itself outside src; `index` for the package's interface. */
export function roomOf(path: string): string {
  const [first, second] = path.split('/') as [string, string];
  if (/^index\.\w+\.ts$/.test(second)) return 'index';
  return first === 'src' ? second : first;
}

/** Imports that the table of rooms does not allow. */
export function roomViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (outerRooms.includes(room)) return [];
    const allowed = mayImport[room];
    if (allowed === undefined) return [`${file.path}: the room ${room} is not in the table of rooms`];
    return file.imports.flatMap((one) => {
      const target = targetOf(file.path, one);
      if (target === null || roomOf(target) === room || allowed.includes(roomOf(target))) return [];
      return [`${file.path} imports ${one.specifier}: ${room} may import ${allowed.join(', ') || 'nothing'}`];
    });
  });
}

/** Rings of files that import each other, each listed once; types count as well. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(
    files.map((file) => [
      file.path.replace(/\.tsx$/, '.ts'),
      file.imports.map((one) => targetOf(file.path, one)).filter((target) => target !== null),
    ]),
  );
  const finished = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' → '));
    if (start >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const target of graph.get(path) ?? []) visit(target);
    trail.pop();
    finished.add(path);
  };
  for (const path of graph.keys()) visit(path);
  return cycles;
}

/** Pairs of folders that import each other, with one import of the rarer direction. */
export function folderKnots(files: readonly SourceFile[]): string[] {
  const arrows = new Map<string, string[]>();
  for (const file of files)
    for (const one of file.imports) {
      const target = targetOf(file.path, one);
      const [from, to] = [folderOf(file.path), target === null ? null : folderOf(target)];
      if (to === null || from === to) continue;
      const key = `${from} → ${to}`;
      arrows.set(key, [...(arrows.get(key) ?? []), `${file.path} imports ${one.specifier}`]);
    }
  return [...arrows].flatMap(([key, there]) => {
    const [from, to] = key.split(' → ') as [string, string];
    const back = arrows.get(`${to} → ${from}`);
    if (back === undefined || from > to) return [];
    return [`${from} and ${to} import each other: ${(there.length < back.length ? there : back)[0]}`];
  });
}

/** Files in the command line's room that neither declare options nor write to the terminal. */
export function commandLineViolations(files: readonly SourceFile[]): string[] {
  const speaks = /\bcommander\b|\bconsole\s*\.|\bprocess\.(?:std\w+|exit\w*)\b|\bterminal\//;
  return files
    .filter(({ path }) => roomOf(path) === 'cli')
    .filter(
      ({ code, imports }) =>
        !speaks.test(code) && !imports.some(({ specifier }) => /^commander$|^\.\/add-/.test(specifier)),
    )
    .map(
      ({ path }) => `${path} neither declares options nor writes to the terminal: it belongs in another room`,
    );
}

/**
 * Files that are loaded before a command is called, with what each of them imports at once.
 *
 * @param commands whether the options of every command are loaded, as for their `--help`; else as for the list of commands
 */
export function loadedForHelp(files: readonly SourceFile[], commands = true): Map<string, readonly Import[]> {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const loaded = new Map<string, readonly Import[]>();
  const visit = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || loaded.has(path)) return;
    // The program loads the options of commands one by one; what they load later is for the call.
    const now = file.imports.filter(
      (one) => !one.typeOnly && (!one.dynamic || (commands && path === commandTable)),
    );
    loaded.set(path, now);
    for (const one of now) {
      const target = targetOf(path, one);
      if (target !== null) visit(target);
    }
  };
  visit('src/cli/main.ts');
  return loaded;
}

const commandTable = 'src/cli/program.ts';

/** Packages that are loaded for `--help`, other than the one that reads options. */
export function helpViolations(files: readonly SourceFile[]): string[] {
  return [...loadedForHelp(files)].flatMap(([path, imports]) =>
    imports
      .filter(({ specifier }) => !/^(?:\.|node:)|^commander$/.test(specifier))
      .map(({ specifier }) => `${path} imports ${specifier}: help would load it`),
  );
}

/** Names that files of two folders share, without `.node`, `.web` and the ending. */
export function sharedNames(files: readonly SourceFile[]): string[] {
  const byName = new Map<string, string[]>();
  for (const { path } of files) {
    const name = path.slice(path.lastIndexOf('/') + 1).replace(/(?:\.node|\.web)?\.tsx?$/, '');
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  return [...byName]
    .filter(([, paths]) => new Set(paths.map(folderOf)).size > 1)
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

const nodeOnlyPackages = ['onnxruntime-node'];

/** The file through which ONNX Runtime for Node is imported, so that its telemetry is switched off first. */
const runtimeDoor = 'src/engine/runtime/onnx-runtime.node.ts';

/** Files that import ONNX Runtime for Node past that file. */
export function runtimeViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier }) => specifier === 'onnxruntime-node' && path !== runtimeDoor)
      .map(({ specifier }) => `${path} imports ${specifier}: only ${runtimeDoor} may`),
  );
}

/** Files that need Node without saying so in their name, so that a browser could not load them. */
export function nodeViolations(files: readonly SourceFile[]): string[] {
  return files.filter(isPortable).flatMap(({ path, imports, code }) => {
    const needing = imports.filter(
      ({ specifier, typeOnly }) =>
        specifier.startsWith('node:') ||
        nodeOnlyPackages.includes(specifier) ||
        (!typeOnly && specifier.endsWith('.node.js')),
    );
    const globals = code.match(/\bprocess\.(?:env|argv|std\w+|exit\w*|on|cwd|hrtime)\b|\bBuffer\.\w+/g) ?? [];
    return [
      ...needing.map(({ specifier }) => `${path} imports ${specifier}: only *.node.ts and rooms of Node may`),
      ...globals.map((name) => `${path} uses ${name}: only *.node.ts and rooms of Node may`),
    ];
  });
}

/** Library files that write to the console. */
export function consoleViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, code }) => !outerRooms.includes(roomOf(path)) && /\bconsole\s*\./.test(code))
    .map(({ path }) => `${path} uses console: only cli and bench may`);
}

/** Program files that import tests or what belongs to tests. */
export function testImports(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((one) => /^(?:test|scripts)\/|\.test\.ts$/.test(targetOf(file.path, one) ?? ''))
      .map(({ specifier }) => `${file.path} imports ${specifier}: programs may not depend on tests`),
  );
}

function isPortable({ path }: SourceFile): boolean {
  return !nodeRooms.includes(roomOf(path)) && !path.endsWith('.node.ts');
}
