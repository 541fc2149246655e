import fc from 'fast-check';
import { oddNumber } from './byte-edits.js';

interface JsonEdit {
  /** Which key or index to follow at each level, modulo their number. */
  readonly path: readonly number[];
  readonly change:
    | { readonly kind: 'replace'; readonly value: unknown }
    | { readonly kind: 'remove' }
    | { readonly kind: 'rename'; readonly key: string }
    | { readonly kind: 'repeat'; readonly times: number };
}

const oddText = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '1e999',
    'null',
    '\u0000',
    '../..',
  ),
  fc.string({ maxLength: 12 }),
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddNumber.filter(Number.isFinite),
  oddText,
  fc.constantFrom(null, true, false, [], {}, [null], [[]], [-1], [1e308, 10], { __proto__x: 1 }),
);

const edit: fc.Arbitrary<JsonEdit> = fc.record({
  path: fc.array(fc.nat(30), { maxLength: 6 }),
  change: fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('replace' as const), value: oddValue }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('rename' as const), key: oddText }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('repeat' as const), times: fc.integer({ min: 2, max: 50 }) }),
    },
  ),
});

/** Texts of JSON documents that are the given one with a few changes. */
export function editedJson(document: unknown, maximumEdits = 3): fc.Arbitrary<string> {
  return fc
    .array(edit, { maxLength: maximumEdits })
    .map((edits) => JSON.stringify(edits.reduce(applyJsonEdit, structuredClone(document))) ?? 'undefined');
}

function applyJsonEdit(document: unknown, { path, change }: JsonEdit): unknown {
  const [step, ...rest] = path;
  if (typeof document === 'object' && document !== null && step !== undefined) {
    const entries = Object.entries(document);
    const index = entries.length === 0 ? -1 : step % entries.length;
    const changed = entries.flatMap(([key, value], i): (readonly [string, unknown])[] => {
      if (i !== index) return [[key, value]];
      if (rest.length > 0) return [[key, applyJsonEdit(value, { path: rest, change })]];
      if (change.kind === 'remove') return [];
      if (change.kind === 'rename') return [[change.key, value]];
      if (change.kind === 'repeat')
        return Array.from({ length: change.times }, (_, n) => [n === 0 ? key : `${key}${n}`, value] as const);
      return [[key, change.value]];
    });
    return Array.isArray(document) ? changed.map(([, value]) => value) : Object.fromEntries(changed);
  }
  return change.kind === 'replace' ? change.value : document;
}
