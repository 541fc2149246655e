import { configurationJsonSchema } from '../base/configuration-fields.js';
import { refuse } from '../base/errors.js';
import { presetNamed } from '../base/read-configuration.js';
import { type ConfigurationKind, configurationKinds } from '../runs/configuration-kinds.js';
import { configurationList, configurationPage } from '../runs/configuration-page.js';

interface ConfigFlags {
  readonly segmenter?: boolean;
  readonly json?: boolean;
  readonly schema?: boolean;
  readonly markdown?: boolean;
}

/** Prints a preset, the schema or the page of a configuration. @throws UtadError for an unknown preset. */
export function showConfiguration(preset: string, options: ConfigFlags): void {
  const forms = (['json', 'schema', 'markdown'] as const).filter((form) => options[form]);
  if (forms.length > 1) {
    refuse('bad-argument', {
      where: forms.map((form) => `--${form}`).join(', '),
      problem: 'these exclude each other',
      todo: 'Give one of them.',
    });
  }
  const kind: ConfigurationKind = configurationKinds[options.segmenter ? 'segmenter' : 'training'];
  const chosen = presetNamed(kind.presets, preset);
  if (options.markdown) console.log(configurationPage().trimEnd());
  else if (options.schema) console.log(JSON.stringify(configurationJsonSchema(kind.schema), null, 2));
  else if (options.json) console.log(JSON.stringify(chosen, null, 2));
  else console.log(configurationList(kind, chosen));
}
