import { batch } from '@preact/signals';
import { sameGrid } from '../../src/imaging/geometry.js';
import { brainOf } from '../../src/imaging/normalise.js';
import { whyNotRegistered } from '../../src/imaging/registration.js';
import type { Volume } from '../../src/imaging/volume.js';
import type { Connection } from '../channel/connect.js';
import type { ContentBox } from '../picture/content.js';
import type { DroppedVolume } from '../picture/dropped.js';
import { isViewable, type Picture } from '../picture/picture.js';
import { placeOf, showGrid } from '../picture/plane.js';
import { box, grid, modalities, model, pictures } from '../state/patient-state.js';
import { visible, voxel } from '../state/view-state.js';
import type { ImageWork } from '../work/image-worker.js';

let count = 0;

/** A name that no other picture of this page has. */
export function newId(): string {
  return `picture-${++count}`;
}

/** Values of a volume on the grid that everything is shown on. */
export async function valuesOnShownGrid(
  images: Connection<ImageWork>,
  volume: Volume,
  isLabels: boolean,
): Promise<Pick<Picture, 'shown' | 'resampled'>> {
  const shownOn = grid.value?.grid;
  if (shownOn === undefined || sameGrid(shownOn, volume)) return { shown: volume.data, resampled: false };
  const method = isLabels ? 'nearest' : 'linear';
  const { data } = await images.ask('regrid', { volume, grid: shownOn, method });
  return { shown: data, resampled: true };
}

/** Adds a dropped volume to the patient. The first one says where everything is shown. */
export async function addDropped(images: Connection<ImageWork>, dropped: DroppedVolume): Promise<void> {
  const { volume, name, synthetic, range, isLabels } = dropped;
  if (grid.value === null) startWith(volume, dropped.box);
  else if (!isLabels && pictures.value.every((one) => one.isLabels) && sameGrid(grid.value.grid, volume))
    // A mask that came first has shown where the tumour is; the views are to show the head.
    box.value = dropped.box;
  const recognition = await refined(images, dropped);
  const onGrid = await valuesOnShownGrid(images, volume, isLabels);
  const doubt = isLabels ? undefined : registrationDoubt(onGrid.shown);
  const picture: Picture = {
    id: newId(),
    kind: 'scan',
    name,
    role: recognition.role,
    recognition,
    synthetic,
    volume,
    ...onGrid,
    range,
    isLabels,
    warnings: [
      ...(synthetic ? ['It says of itself that a network translated it.'] : []),
      ...(doubt === undefined ? [] : [`It does not seem to lie on the first scan: ${doubt}.`]),
    ],
  };
  batch(() => {
    pictures.value = inOrder([...pictures.value, picture]);
    if (picture.role === 'tumour' && dropped.isLabels) lookAt(picture.shown);
    if (isViewable(picture) && visible.value.length < 4) {
      const ids = [...visible.value, picture.id];
      visible.value = pictures.value.map(({ id }) => id).filter((id) => ids.includes(id));
    }
  });
}

function startWith({ size, affineVoxelToWorld }: Volume, content: ContentBox): void {
  const shown = showGrid({ size, affineVoxelToWorld });
  const middle = ([0, 1, 2] as const).map((axis) =>
    Math.round((content.first[axis] + content.last[axis]) / 2),
  );
  batch(() => {
    grid.value = shown;
    box.value = content;
    voxel.value = [middle[0]!, middle[1]!, middle[2]!];
  });
}

/** Says why a scan does not show the same head in the same place as the patient's first one. */
function registrationDoubt(shown: Float32Array): string | undefined {
  const first = pictures.value.find(({ kind, isLabels }) => kind === 'scan' && !isLabels);
  if (first === undefined || grid.value === null) return undefined;
  const on = grid.value.grid;
  return whyNotRegistered({ ...on, brain: brainOf(first.shown) }, { ...on, brain: brainOf(shown) });
}

/** Moves the crosshair into the slice with most of a tumour, to its middle there. */
function lookAt(mask: Float32Array): void {
  const shown = grid.value!;
  const [columns, rows, slices] = shown.size;
  let best = { count: 0, voxel: voxel.value };
  for (let slice = 0; slice < slices; slice++) {
    let [count, sumColumn, sumRow] = [0, 0, 0];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        if (mask[placeOf(shown, [column, row, slice])] === 0) continue;
        count++;
        sumColumn += column;
        sumRow += row;
      }
    if (count > best.count)
      best = { count, voxel: [Math.round(sumColumn / count), Math.round(sumRow / count), slice] };
  }
  voxel.value = best.voxel;
}

/** Where neither name nor series says what a volume is, its intensities may. */
async function refined(
  images: Connection<ImageWork>,
  { volume, recognition }: DroppedVolume,
): Promise<DroppedVolume['recognition']> {
  const metadata = model.value?.metadata;
  if (recognition.silent === undefined || metadata === undefined) return recognition;
  const role = await images.ask('likely', { volume, metadata });
  return role === null ? recognition : { role, sure: false, because: 'its intensities' };
}

/** Scans in the model's order, then others, masks last. */
function inOrder(all: readonly Picture[]): readonly Picture[] {
  const rank = ({ role, kind }: Picture): number => {
    if (role === 'tumour' || role === 'brain') return 100;
    const place = role === undefined ? -1 : modalities.value.indexOf(role);
    return (kind === 'scan' ? 0 : 50) + (place < 0 ? 20 : place);
  };
  return [...all].sort((a, b) => rank(a) - rank(b));
}
