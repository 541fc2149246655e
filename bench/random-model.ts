import { Command } from 'commander';
import { writeFileAtomic } from '../src/base/files.node.js';
import { wholeNumber } from '../src/base/whole-number.js';
import { encodeSafetensors } from '../src/engine/files/safetensors.js';
import { generatorSpecs } from '../src/model/generator.js';
import { initialise } from '../src/nn/parameters.js';

const program = new Command('node build/bench/random-model.js')
  .description(
    'writes a generator with random weights, for measuring time: `utad weights` makes a model file of it',
  )
  .option('--base-channels <n>', 'channels of the first level', '16')
  .requiredOption('--out <file>', 'where the weights go, .safetensors')
  .parse();
const options = program.opts<{ baseChannels: string; out: string }>();

const configuration = {
  modalities: ['t1', 't1ce', 't2', 'flair'],
  sliceSide: 128,
  baseChannels: wholeNumber('--base-channels', options.baseChannels, 1, 1024),
  levels: 4,
};
await writeFileAtomic(options.out, encodeSafetensors(initialise(generatorSpecs(configuration), 1, 'G'), {}));
