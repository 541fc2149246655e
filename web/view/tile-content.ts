import type { Layer, Mark } from '../picture/draw-tile.js';
import { type Picture, showModality, titleOf } from '../picture/picture.js';
import { pictures } from '../state/patient-state.js';
import { blinkSecond, type Comparing, differenceOpacity, divider, fade } from '../state/view-state.js';

/** What a pane shows: one picture, or two on each other. */
export interface PaneContent {
  readonly pictures: readonly Picture[];
  readonly comparing: Comparing;
}

/** What a pane is called, for people and for screen readers. */
export function titleOfPane({ pictures: shown }: PaneContent): string {
  return shown.map((one) => (one.synthetic ? `${titleOf(one)}, synthetic` : titleOf(one))).join(' and ');
}

/** The images of a pane from the lowest to the uppermost. */
export function layersOf({ pictures: shown, comparing }: PaneContent): readonly Layer[] {
  const [first, second] = shown as readonly [Picture, Picture?];
  if (second === undefined) return first.kind === 'difference' ? differenceLayers(first) : [grey(first)];
  if (comparing === 'slider')
    return [grey(first, 1, [0, divider.value]), grey(second, 1, [divider.value, 1])];
  if (comparing === 'blink') return [grey(blinkSecond.value ? second : first)];
  return [grey(first), grey(second, fade.value)];
}

/** What stands in the corners for good: which picture it is, and that it is synthetic. */
export function marksOf({ pictures: shown, comparing }: PaneContent): readonly Mark[] {
  const [first, second] = shown as readonly [Picture, Picture?];
  if (second === undefined) return markOf(first, 'left', false);
  if (comparing === 'blink') return markOf(blinkSecond.value ? second : first, 'left', true);
  return [...markOf(first, 'left', true), ...markOf(second, 'right', true)];
}

function grey({ shown, range }: Picture, opacity = 1, between: readonly [number, number] = [0, 1]): Layer {
  return { data: shown, paint: { kind: 'grey', range, light: 1 }, opacity, between };
}

/** The real scan, dimmed, with the differences over it. */
function differenceLayers(difference: Picture): readonly Layer[] {
  const truth = pictures.value.find(({ id }) => id === difference.between?.truth);
  const below = truth
    ? [{ ...grey(truth), paint: { kind: 'grey', range: truth.range, light: 0.55 } as const }]
    : [];
  const over: Layer = {
    data: difference.shown,
    paint: { kind: 'difference' },
    opacity: differenceOpacity.value,
    between: [0, 1],
  };
  return [...below, over];
}

function markOf(picture: Picture, corner: Mark['corner'], named: boolean): readonly Mark[] {
  if (picture.kind === 'difference') return [{ text: 'SYNTHETIC − REAL', corner, synthetic: true }];
  const name = named ? `${showModality(picture.role)} ` : '';
  if (picture.synthetic) return [{ text: `${name}SYNTHETIC`, corner, synthetic: true }];
  return named ? [{ text: `${name}real`, corner, synthetic: false }] : [];
}
