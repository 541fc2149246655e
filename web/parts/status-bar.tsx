import type { JSX } from 'preact';
import { toWorld } from '../../src/imaging/geometry.js';
import { type Picture, showModality, titleOf } from '../picture/picture.js';
import { gridVoxel, placeOf } from '../picture/plane.js';
import { grid } from '../state/patient-state.js';
import { shownPictures, voxel } from '../state/view-state.js';

/** Where the crosshair is and what every picture holds there. */
export function StatusBar(): JSX.Element | null {
  const shown = grid.value;
  if (shown === null) return null;
  const world = toWorld(shown.grid.affineVoxelToWorld, gridVoxel(shown, voxel.value));
  const place = placeOf(shown, voxel.value);
  const [x, y, z] = world.map((value) => minus(value.toFixed(1)));
  return (
    <section class="status" aria-label="Values at the crosshair">
      <span class="place">
        x {x} y {y} z {z} mm
      </span>
      {shownPictures.value.map((one) => (
        <span key={one.id} class={one.synthetic ? 'value synthetic' : 'value'}>
          {shortTitle(one)} <b>{showValue(one, one.shown[place] ?? 0)}</b>
        </span>
      ))}
    </section>
  );
}

function shortTitle(picture: Picture): string {
  if (picture.kind === 'difference') return `${showModality(picture.role)} difference`;
  return picture.synthetic ? `${titleOf(picture)} (synthetic)` : titleOf(picture);
}

function showValue({ kind }: Picture, value: number): string {
  if (kind === 'difference') return minus(`${value > 0 ? '+' : ''}${(100 * value).toFixed(0)} %`);
  return minus(String(Number(value.toPrecision(4))));
}

/** A number with the sign that is as wide as a plus. */
const minus = (text: string): string => text.replace('-', '−');
