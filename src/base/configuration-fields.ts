import { z } from 'zod';

/** One field of a configuration, as its schema declares it. */
export interface ConfigurationField {
  /** With the sections before it: `optimiser.learningRate`. */
  readonly name: string;
  /** What it means. */
  readonly meaning: string;
  /** What it may be: `number from 0 to 1`. */
  readonly range: string;
  /** Its value when it is left out; undefined where leaving it out means what `meaning` says. */
  readonly fallback: unknown;
}

/** The parts of a JSON schema that configurations use. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The JSON schema of a configuration file, with every meaning, range and default. */
export function configurationJsonSchema(schema: z.ZodObject): object {
  return z.toJSONSchema(schema, { io: 'input', reused: 'inline' });
}

/** All fields of a configuration, section by section. */
export function configurationFields(schema: z.ZodObject): ConfigurationField[] {
  return fieldsIn(configurationJsonSchema(schema) as JsonSchema, '');
}

function fieldsIn({ properties = {} }: JsonSchema, prefix: string): ConfigurationField[] {
  return Object.entries(properties).flatMap(([key, field]) => {
    const name = prefix + key;
    if (field.properties !== undefined) return fieldsIn(field, `${name}.`);
    const { description = '', default: fallback } = field;
    return [{ name, meaning: description, range: rangeOf(field), fallback }];
  });
}

function rangeOf(field: JsonSchema): string {
  const choices = field.anyOf ?? field.oneOf;
  if (choices !== undefined) return choices.map(rangeOf).join(', or ');
  if (field.enum !== undefined) return field.enum.map(String).join(', ');
  if (field.const !== undefined) return String(field.const);
  switch (field.type) {
    case 'boolean':
      return 'true or false';
    case 'array':
      return `list ${bounds(field.minItems, field.maxItems)}`.trim();
    case 'integer':
      return `whole number ${numbers(field)}`.trim();
    case 'number':
      return `number ${numbers(field)}`.trim();
    case 'string':
      return 'text';
    default:
      return 'object';
  }
}

function numbers({ minimum, maximum, exclusiveMinimum }: JsonSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (exclusiveMinimum !== undefined)
    return `above ${exclusiveMinimum}${most === undefined ? '' : ` to ${most}`}`;
  return bounds(minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum, most);
}

function bounds(least: number | undefined, most: number | undefined): string {
  if (least === undefined) return most === undefined ? '' : `to ${most}`;
  return most === undefined ? `from ${least}` : `from ${least} to ${most}`;
}
