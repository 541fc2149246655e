import { refuse } from '../base/errors.js';

/** Options of version 0.1.0 that are gone, each with the value that left it off. Their results: docs/experiments.md. */
const removedOptions: Readonly<Record<string, unknown>> = {
  fusionNorm: 'batch',
  criticNorm: 'none',
  adversary: 'wasserstein',
  'generatorWeights.identity': 0,
  'augmentation.biasField': 0,
  'augmentation.sourceGamma': 0,
};

/**
 * Fields of a configuration without the options that version 0.1.0 had and this one has not.
 *
 * @param fields as that version wrote them; of fields within fields, objects and names with a dot are understood
 * @param where the file or option that they come from, for messages
 * @throws UtadError not-supported where one of these options is on, naming it.
 */
export function withoutRemovedOptions(
  fields: Readonly<Record<string, unknown>>,
  where: string,
  prefix = '',
): Record<string, unknown> {
  const kept = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const path = prefix + name;
    if (!Object.hasOwn(removedOptions, path))
      return [[name, isRecord(value) ? withoutRemovedOptions(value, where, `${path}.`) : value]];
    if (value !== undefined && value !== removedOptions[path]) refuseRemoved(where, path, value);
    return [];
  });
  return Object.fromEntries(kept);
}

/** @throws UtadError not-supported, naming the option that is gone. */
export function refuseRemoved(where: string, option: string, value: unknown): never {
  return refuse('not-supported', {
    where,
    problem: `the option ${option} (here ${JSON.stringify(value)}) was removed after version 0.1.0`,
    todo: 'Leave it out, or use version 0.1.0; docs/experiments.md says what it brought.',
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
