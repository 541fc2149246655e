/**
 * A volume in, a volume out:
 *
 *     node translate-file.js p01_t1.nii.gz t1 flair p01_flair-synthetic.nii.gz [model.onnx]
 *
 * The volume is skull-stripped (background 0). What comes out lies on its grid, and its header says that it is synthetic.
 */
import {
  loadModel,
  readVolumeFile,
  shippedModel,
  translateVolume,
  UtadError,
  writeVolumeFile,
} from 'utad-net';

const [input, source, target, output, modelFile] = process.argv.slice(2);
if (!input || !source || !target || !output) {
  console.error('Usage: node translate-file.js <volume> <its modality> <target modality> <file> [model]');
  process.exit(2);
}

try {
  // Without a file of one's own: the model that comes with the package.
  const model = await loadModel(modelFile ?? (await shippedModel()));
  const scan = await readVolumeFile(input);
  const onProgress = (done: number, total: number): void => {
    process.stderr.write(`\r${done}/${total} slices`);
  };
  const translated = await translateVolume(scan, { model, source, target, where: input, onProgress });
  await writeVolumeFile(output, translated, {
    description: `synthetic ${target} from ${source}, utad-net example`,
  });
  await model.close();
  console.log(`\n${output}: synthetic ${target}, ${translated.size.join('×')}`);
} catch (error) {
  // Whatever the package refuses on purpose says where, what it expected, what it got and what to do.
  if (!(error instanceof UtadError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
