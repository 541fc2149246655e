import { z } from 'zod';
import { fail } from '../base/errors.js';
import { didYouMean, readConfiguration } from '../base/read-configuration.js';
import type { ForegroundRule } from '../imaging/foreground.js';
import { knownModality } from '../imaging/words/modality-name.js';
import { type LabelConvention, labelConventions, type RegionLabels } from './label-convention.js';

const fileSchema = z.strictObject({
  file: z.string().min(1),
  volumeIndex: z.int().min(0).optional(),
  foreground: z.unknown().optional(),
});
const seriesSchema = z.strictObject({
  folder: z.string().min(1),
  series: z.string().min(1).optional(),
  foreground: z.unknown().optional(),
});
const aboveSchema = z.strictObject({ above: z.number(), background: z.number().optional() });
const regionSchema = z.union([z.literal('any'), z.array(z.int()).min(1)]);

/** A mapping file: where a data set's volumes are and what its labels mean; see docs/datasets.md. */
const mappingSchema = z.strictObject({
  modalities: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/), z.unknown()),
  mask: z.unknown().optional(),
  labels: z.string().optional(),
  regions: z.record(z.string().min(1), regionSchema).optional(),
  target: z.string().optional(),
  otherLabels: z.array(z.int()).optional(),
  foreground: z.unknown().optional(),
  foregroundMask: z.unknown().optional(),
});

/** Where a mapping file says that volumes of one kind are; patterns are relative to the data set's folder. */
export type VolumePattern =
  | { readonly file: string; readonly volumeIndex?: number }
  | { readonly folder: string; readonly series?: string };

/** A mapping file, checked. */
interface Mapping {
  /** In the file's order, which is the network's. */
  readonly modalities: Readonly<Record<string, VolumePattern>>;
  readonly mask?: VolumePattern;
  readonly labels?: LabelConvention;
  readonly foregroundByModality: Readonly<Record<string, ForegroundRule>>;
  readonly foregroundMask?: VolumePattern;
}

/**
 * Checks the content of a mapping file.
 *
 * @param where the file's name, for messages
 * @throws UtadError bad-configuration naming the field; unknown ones with the nearest known.
 */
export function readMapping(value: unknown, where: string): Mapping {
  const fields = readConfiguration(mappingSchema, value, where);
  const names = Object.keys(fields.modalities);
  const refuse = (field: string, expected: string, got: string, todo: string): never =>
    fail('bad-configuration', { where: `${where}: ${field}`, expected, got, todo });
  if (names.length === 0) refuse('modalities', 'at least one modality', 'none', 'Name them.');
  const shared =
    fields.foreground === undefined ? undefined : ruleOf(fields.foreground, `${where}: foreground`);
  const read = (entry: unknown, field: string) => patternOf(entry, `${where}: ${field}`);
  const spelled = modalityNames(names, `${where}: modalities`);
  const modalities = names.map(
    (name) => [spelled.get(name)!, read(fields.modalities[name], `modalities.${name}`)] as const,
  );
  const rules = modalities.flatMap(([name, { rule }]) => {
    const own = rule ?? shared;
    return own === undefined ? [] : [[name, own] as const];
  });
  const mask = fields.mask === undefined ? undefined : read(fields.mask, 'mask').pattern;
  const labels = labelsOf(fields, where);
  if (mask && !labels) {
    refuse(
      'regions',
      'what the labels of the mask mean',
      'neither regions nor labels',
      'Add for example "regions": { "whole": "any" }.',
    );
  }
  return {
    modalities: Object.fromEntries(modalities.map(([name, { pattern }]) => [name, pattern])),
    ...(mask ? { mask } : {}),
    ...(labels ? { labels } : {}),
    foregroundByModality: Object.fromEntries(rules),
    ...(fields.foregroundMask === undefined
      ? {}
      : { foregroundMask: read(fields.foregroundMask, 'foregroundMask').pattern }),
  };
}

function patternOf(
  entry: unknown,
  where: string,
): { readonly pattern: VolumePattern; readonly rule?: ForegroundRule } {
  if (typeof entry === 'string') return { pattern: { file: checked(entry, where) } };
  if (typeof entry !== 'object' || entry === null) {
    return fail('bad-configuration', {
      where,
      expected: 'a pattern such as "{patient}/{patient}_t1.nii.gz", or an object with file or folder',
      got: JSON.stringify(entry),
    });
  }
  const { foreground, ...rest } =
    'folder' in entry
      ? readConfiguration(seriesSchema, entry, where)
      : readConfiguration(fileSchema, entry, where);
  checked('folder' in rest ? rest.folder : rest.file, where);
  const pattern = Object.fromEntries(Object.entries(rest).filter(([, one]) => one !== undefined));
  return {
    pattern: pattern as VolumePattern,
    ...(foreground === undefined ? {} : { rule: ruleOf(foreground, `${where}.foreground`) }),
  };
}

/** A pattern must name the patient, and nothing that is not known. */
function checked(pattern: string, where: string): string {
  const known = ['patient', 'session'];
  const strange = [...pattern.matchAll(/\{([^}]*)\}/g)].find(([, name]) => !known.includes(name!));
  if (strange) {
    fail('bad-configuration', {
      where,
      expected: 'the placeholders {patient} and {session}',
      got: strange[0],
      ...didYouMean(strange[0], ['{patient}', '{session}']),
    });
  }
  if (!pattern.includes('{patient}')) {
    fail('bad-configuration', {
      where,
      expected: 'a pattern with {patient} where the patient is named',
      got: pattern,
      todo: 'Write for example "{patient}/t1.nii.gz".',
    });
  }
  if (/^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(pattern)) {
    fail('bad-configuration', {
      where,
      expected: 'a pattern of what lies in the data set’s folder',
      got: pattern,
      todo: 'Give a folder that holds everything, and patterns from there.',
    });
  }
  return pattern;
}

/**
 * The name of a modality in a mapping file as the whole project spells it: `T1Gd` is t1ce.
 *
 * @throws UtadError bad-configuration for a name that spells one of the file's others, or that no object may have.
 */
function modalityNames(names: readonly string[], where: string): ReadonlyMap<string, string> {
  const spelled = new Map<string, string>();
  for (const name of names) {
    const known = knownModality(name) ?? name;
    const twin = [...spelled].find(([, other]) => other === known);
    if (twin !== undefined)
      fail('bad-configuration', {
        where,
        expected: 'each modality once',
        got: `${twin[0]} and ${name}, which are ${known}`,
      });
    if (known in {})
      fail('bad-configuration', {
        where,
        expected: 'the name of a modality',
        got: name,
        todo: 'Choose another name.',
      });
    spelled.set(name, known);
  }
  return spelled;
}

function ruleOf(value: unknown, where: string): ForegroundRule {
  if (value === 'nonzero') return { kind: 'nonzero' };
  if (typeof value === 'object' && value !== null) {
    const { above, background } = readConfiguration(aboveSchema, value, where);
    return { kind: 'above', value: above, ...(background === undefined ? {} : { background }) };
  }
  return fail('bad-configuration', {
    where,
    expected: '"nonzero" or { "above": <value>, "background": <value> }',
    got: JSON.stringify(value),
  });
}

function labelsOf(fields: z.infer<typeof mappingSchema>, where: string): LabelConvention | undefined {
  const { labels, regions, target, otherLabels } = fields;
  const refuse = (field: string, expected: string, got: string, todo?: string): never =>
    fail('bad-configuration', { where: `${where}: ${field}`, expected, got, ...(todo ? { todo } : {}) });
  if (labels !== undefined && regions !== undefined)
    refuse('labels', 'either labels or regions', 'both', 'Keep one of them.');
  const convention =
    labels === undefined
      ? regions && {
          name: 'mapping',
          regions: regions as Record<string, RegionLabels>,
          others: otherLabels ?? [],
        }
      : conventionNamed(labels, `${where}: labels`);
  if (!convention) return undefined;
  const names = Object.keys(convention.regions);
  const [only, ...more] = names;
  const chosen = target ?? ('target' in convention ? convention.target : undefined);
  if (chosen === undefined && (more.length > 0 || only === undefined))
    refuse('target', `the region that the tumour critic looks at: ${names.join(', ')}`, 'none', 'Name one.');
  const found = chosen ?? only!;
  if (!names.includes(found))
    refuse('target', `one of ${names.join(', ')}`, found, didYouMean(found, names).todo);
  return { ...convention, target: found };
}

/** The convention of a name. @throws UtadError bad-configuration with the nearest known. */
export function conventionNamed(
  name: string,
  where: string,
  known: readonly string[] = Object.keys(labelConventions),
): LabelConvention {
  if (Object.hasOwn(labelConventions, name)) return labelConventions[name as keyof typeof labelConventions];
  return fail('bad-configuration', {
    where,
    expected: known.join(', '),
    got: name,
    ...didYouMean(name, known),
  });
}
