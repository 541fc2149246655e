import { convertEarlier, type EarlierFields, hasEarlierFields } from '../base/earlier-fields.js';
import { readJsonObject } from '../base/json.node.js';

/**
 * Fields of a configuration out of the file of `--config`. One of version 0.1.0 is converted, with a notice.
 *
 * @throws UtadError not-found; bad-file when it is no JSON object; not-supported for an option that was removed.
 */
export async function readConfigurationFile(
  path: string | undefined,
  earlier: EarlierFields,
): Promise<Readonly<Record<string, unknown>>> {
  return path === undefined ? {} : convertWithNotice(await readJsonObject(path), earlier, path);
}

/** Fields in today's form, with a notice where they have the form of version 0.1.0. @throws UtadError not-supported. */
export function convertWithNotice(
  fields: Readonly<Record<string, unknown>>,
  earlier: EarlierFields,
  path: string,
): Readonly<Record<string, unknown>> {
  if (!hasEarlierFields(fields, earlier)) return fields;
  console.error(
    `note: ${path} has fields of version 0.1.0; they are read by their new names, which \`utad config\` lists`,
  );
  return convertEarlier(fields, earlier, path);
}
