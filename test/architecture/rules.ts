import { type SourceFile, targetOf } from './sources.js';

/** Which rooms each room may import besides itself. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  engine: ['base'],
  imaging: ['base'],
  metrics: ['base'],
  report: ['base'],
  nn: ['base', 'engine'],
  model: ['base', 'engine', 'nn'],
  datasets: ['base', 'imaging'],
  training: ['base', 'engine', 'nn', 'model', 'datasets', 'metrics'],
  translate: ['base', 'imaging', 'model', 'engine', 'nn'],
  segmentation: ['base', 'engine', 'nn', 'model', 'imaging', 'datasets', 'metrics', 'training'],
  check: ['base', 'imaging', 'datasets', 'metrics', 'translate', 'segmentation'],
  compare: [
    'base',
    'engine',
    'nn',
    'model',
    'datasets',
    'metrics',
    'training',
    'segmentation',
    'evaluate',
    'report',
  ],
  evaluate: ['base', 'engine', 'imaging', 'datasets', 'metrics', 'translate', 'report'],
  web: ['base', 'engine', 'imaging', 'datasets', 'metrics', 'report', 'translate'],
  index: ['base', 'engine', 'imaging', 'datasets', 'translate'],
};

/** Rooms that may import every other, speak to the terminal and use Node. */
const outerRooms = ['cli', 'bench'];

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

/** Rings of files that import each other, each told once; types count as well. */
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

const nodeOnlyPackages = ['onnxruntime-node'];

/** The file through which ONNX Runtime for Node is imported, so that it is told first to send nothing. */
const runtimeDoor = 'src/engine/onnx-runtime.node.ts';

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
      ...needing.map(({ specifier }) => `${path} imports ${specifier}: only *.node.ts, cli and bench may`),
      ...globals.map((name) => `${path} uses ${name}: only *.node.ts, cli and bench may`),
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
  return !outerRooms.includes(roomOf(path)) && !path.endsWith('.node.ts');
}
