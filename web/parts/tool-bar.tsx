import type { JSX } from 'preact';
import { Choice, Slide, Toggle } from '../controls/choice.js';
import { Icon } from '../controls/icons.js';
import { titleOf } from '../picture/picture.js';
import { tumour } from '../state/patient-state.js';
import {
  comparedPictures,
  comparing,
  divider,
  fade,
  pair,
  resetView,
  showCrosshair,
  shownPictures,
  shownPlanes,
  shownWindow,
  showOutline,
} from '../state/view-state.js';
import { saveScreenshot } from '../view/screenshot.js';

const planeOptions = [
  { value: 'all', text: 'All', hint: 'All three planes' },
  { value: 'axial', text: 'Axial' },
  { value: 'coronal', text: 'Coronal' },
  { value: 'sagittal', text: 'Sagittal' },
] as const;

const compareOptions = [
  { value: 'side', text: 'Side', hint: 'Side by side' },
  { value: 'slider', text: 'Slider', hint: 'One on the other, divided by a slider' },
  { value: 'fade', text: 'Fade', hint: 'One through the other' },
  { value: 'blink', text: 'Blink', hint: 'In turn' },
] as const;

/** How the patient is looked at. */
export function ToolBar(): JSX.Element {
  const two = comparedPictures.value !== null;
  const { level, width } = shownWindow.value;
  return (
    <div class="tools" role="toolbar" aria-label="View">
      <Choice label="Planes" options={planeOptions} value={shownPlanes} />
      <Choice
        label="Compare"
        options={compareOptions}
        value={comparing}
        disabled={two ? [] : ['slider', 'fade', 'blink']}
      />
      {comparing.value !== 'side' && two && <PairChoice />}
      <div class="group">
        <Toggle
          text="Outline"
          hint={tumour.value ? 'Outline of the tumour' : 'Drop a tumour mask to see its outline'}
          value={showOutline}
          disabled={tumour.value === undefined}
        />
        <Toggle text="Crosshair" hint="Crosshair" value={showCrosshair} />
      </div>
      <div class="group">
        <Slide
          text="Level"
          min={0}
          max={1}
          value={1 - level}
          show={(value) => `${Math.round(100 * value)} %`}
          onInput={(value) => {
            shownWindow.value = { level: 1 - value, width };
          }}
        />
        <Slide
          text="Window"
          min={0}
          max={1}
          value={contrastOf(width)}
          show={(value) => `${Math.round(100 * value)} %`}
          onInput={(value) => {
            shownWindow.value = { level, width: widthOf(value) };
          }}
        />
      </div>
      <div class="group end">
        <button
          type="button"
          class="quiet"
          aria-label="Reset the view"
          title="Reset the view (R)"
          onClick={resetView}
        >
          <Icon name="reset" />
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Save a screenshot"
          title="Save a screenshot (S)"
          onClick={() => saveScreenshot()}
        >
          <Icon name="camera" />
        </button>
      </div>
    </div>
  );
}

/** The window's width runs from four times the range to a sixteenth of it; the range itself is in between. */
const contrastOf = (width: number): number => (2 - Math.log2(width)) / 6;
const widthOf = (contrast: number): number => 2 ** (2 - 6 * contrast);

function PairChoice(): JSX.Element {
  const [first, second] = comparedPictures.value!;
  const options = shownPictures.value.filter(({ kind }) => kind !== 'difference');
  const all = [...new Set([...options, first, second])];
  const select = (which: 0 | 1): JSX.Element => (
    <select
      aria-label={which === 0 ? 'First picture' : 'Second picture'}
      onChange={(event) => {
        const { value } = event.currentTarget;
        pair.value = which === 0 ? [value, second.id] : [first.id, value];
      }}
    >
      {all.map((one) => (
        <option key={one.id} value={one.id} selected={one === (which === 0 ? first : second)}>
          {titleOf(one)}
        </option>
      ))}
    </select>
  );
  return (
    <div class="group">
      {select(0)}
      {select(1)}
      {comparing.value === 'fade' && (
        <Slide
          text="Fade"
          min={0}
          max={1}
          value={fade.value}
          show={(value) => `${Math.round(100 * value)} % of the second`}
          onInput={(value) => {
            fade.value = value;
          }}
        />
      )}
      {comparing.value === 'slider' && (
        <Slide
          text="Slider"
          min={0}
          max={1}
          value={divider.value}
          show={(value) => `${Math.round(100 * value)} % from the left`}
          onInput={(value) => {
            divider.value = value;
          }}
        />
      )}
    </div>
  );
}
