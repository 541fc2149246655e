import { save } from '../patient/download.js';
import { pageVersion } from '../patient/version.js';
import type { Picture } from '../picture/picture.js';
import { pictures } from '../state/patient-state.js';
import { comparedPictures, comparing, shownPictures } from '../state/view-state.js';

/** CSS pixels of the line of text below. */
const footer = 26;

/** Saves what the panes show as a PNG, marked as synthetic where any of it is. */
export async function saveScreenshot(): Promise<void> {
  const panes = document.querySelector<HTMLElement>('.panes');
  if (panes === null) return;
  const canvas = drawScreenshot(panes);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob) save(blob, screenshotName());
}

function shown() {
  const two = comparing.value === 'side' ? null : comparedPictures.value;
  return two ?? shownPictures.value;
}

/** `utad-SYNTHETIC-t1-t2.png`; `utad-t1.png` where nothing synthetic is shown. */
function screenshotName(): string {
  const roles = [...new Set(shown().map(({ role }) => role ?? 'unknown'))];
  const mark = shown().some(({ synthetic }) => synthetic) ? ['SYNTHETIC'] : [];
  return `${['utad', ...mark, ...roles].join('-')}.png`;
}

/** The models behind pictures, each once; what came from a file does not say its own. */
function modelsOf(all: readonly Picture[]): readonly string[] {
  const names = all
    .filter(({ synthetic }) => synthetic)
    .map(
      ({ translation, between }) =>
        translation ?? pictures.value.find(({ id }) => id === between?.translated)?.translation,
    )
    .map((translation) => translation?.model ?? 'model unknown');
  return [...new Set(names)];
}

/** The panes as they lie on the screen, their headings, and a line that says what this is. */
function drawScreenshot(panes: HTMLElement): HTMLCanvasElement {
  const ratio = Math.max(1, devicePixelRatio);
  const area = panes.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(area.width * ratio);
  canvas.height = Math.round((area.height + footer) * ratio);
  const context = canvas.getContext('2d', { alpha: false })!;
  context.scale(ratio, ratio);
  context.fillStyle = '#0b0e13';
  context.fillRect(0, 0, area.width, area.height + footer);
  for (const tile of panes.querySelectorAll<HTMLCanvasElement>('canvas[data-tile]')) {
    const { x, y, width, height } = tile.getBoundingClientRect();
    context.drawImage(tile, x - area.x, y - area.y, width, height);
  }
  context.textBaseline = 'middle';
  for (const heading of panes.querySelectorAll<HTMLElement>('[data-heading]')) {
    const { x, y, height } = heading.getBoundingClientRect();
    context.font = '600 13px system-ui, sans-serif';
    context.fillStyle = '#e6edf5';
    context.fillText(heading.dataset['heading'] ?? '', x - area.x, y - area.y + height / 2);
  }
  const synthetic = shown().some((one) => one.synthetic);
  context.font = '11px system-ui, sans-serif';
  context.fillStyle = synthetic ? '#ffb43a' : '#9fb0c3';
  const origin = synthetic
    ? `Holds SYNTHETIC images, translated by a network (${modelsOf(shown()).join(', ')}): for research, not for diagnosis. `
    : '';
  context.fillText(`${origin}utad-net ${pageVersion}`, 8, area.height + footer / 2);
  return canvas;
}
