import { sameGrid } from '../../src/imaging/geometry.js';
import { noOrigin, type Volume } from '../../src/imaging/volume.js';
import { toFailure } from '../channel/channel.js';
import { largestDifference } from '../picture/paint.js';
import type { Picture } from '../picture/picture.js';
import { addProblem, pictures, replacePicture, scans } from '../state/patient-state.js';
import { newId, valuesOnShownGrid } from './add-picture.js';
import { images } from './images.js';

/** Compares a synthetic picture with the scan of the same modality, where there is one, and adds their difference. */
export async function compareWithTruth(translated: Picture): Promise<void> {
  const truth = scans.value.get(translated.role!);
  if (truth === undefined || truth.synthetic || pictures.value.some(isBetween(translated, truth))) return;
  try {
    const real = await onGridOf(translated.volume, truth.volume);
    const request = {
      translated: bare(translated.volume),
      translatedRange: translated.range,
      truth: bare(real),
    };
    const { difference, meanError, similarity } = await images.ask('compare', request);
    const volume: Volume = { ...bare(translated.volume), data: difference };
    replacePicture(translated.id, { scores: { meanError, similarity } });
    const picture: Picture = {
      ...translated,
      id: newId(),
      kind: 'difference',
      name: `${translated.name} and ${truth.name}`,
      volume,
      ...(await valuesOnShownGrid(images, volume, false)),
      range: { low: -largestDifference, high: largestDifference },
      warnings: [],
      between: { translated: translated.id, truth: truth.id },
    };
    pictures.value = [...pictures.value, picture];
  } catch (error) {
    addProblem(toFailure(error));
  }
}

/** Compares what was translated before with a scan that came later, or that was said to be another modality. */
export async function compareAgain(): Promise<void> {
  const valid = ({ between }: Picture): boolean => {
    if (between === undefined) return true;
    const translated = pictures.value.find(({ id }) => id === between.translated);
    return translated !== undefined && scans.value.get(translated.role!)?.id === between.truth;
  };
  pictures.value = pictures.value.filter(valid);
  for (const translated of pictures.value.filter(({ kind }) => kind === 'synthetic'))
    await compareWithTruth(translated);
}

function isBetween(translated: Picture, truth: Picture): (one: Picture) => boolean {
  return ({ between }) => between?.translated === translated.id && between.truth === truth.id;
}

async function onGridOf(grid: Volume, volume: Volume): Promise<Volume> {
  if (sameGrid(grid, volume)) return volume;
  const { size, affineVoxelToWorld } = grid;
  const target = { size, affineVoxelToWorld };
  return images.ask('regrid', { volume: bare(volume), grid: target, method: 'linear' });
}

function bare({ data, size, affineVoxelToWorld }: Volume): Volume {
  return { data, size, affineVoxelToWorld, origin: noOrigin };
}
