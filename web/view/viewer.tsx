import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { Slide } from '../controls/choice.js';
import { type Picture, titleOf } from '../picture/picture.js';
import { planes } from '../picture/plane.js';
import {
  blinkSecond,
  comparedPictures,
  comparing,
  differenceOpacity,
  shownPictures,
  shownPlanes,
} from '../state/view-state.js';
import { PlaneTile } from './plane-tile.js';
import type { PaneContent } from './tile-content.js';

/** Milliseconds that each picture is seen while blinking. */
const blinkTime = 700;

/** The panes: pictures beside each other, or two on each other. */
export function Viewer(): JSX.Element {
  useSignalEffect(() => {
    if (comparing.value !== 'blink') return undefined;
    const timer = setInterval(() => {
      blinkSecond.value = !blinkSecond.peek();
    }, blinkTime);
    return () => clearInterval(timer);
  });
  const two = comparing.value === 'side' ? null : comparedPictures.value;
  const panes: readonly PaneContent[] = two
    ? [{ pictures: two, comparing: comparing.value }]
    : shownPictures.value.map((one) => ({ pictures: [one], comparing: 'side' as const }));
  if (panes.length === 0)
    return (
      <div class="panes empty">
        <p>Nothing is shown. Open an eye on the left.</p>
      </div>
    );
  const layout = shownPlanes.value === 'all' ? 'all' : 'single';
  return (
    <div class={`panes ${layout} count-${panes.length}`}>
      {panes.map((content) => (
        <Pane key={content.pictures.map(({ id }) => id).join()} content={content} />
      ))}
    </div>
  );
}

function Pane({ content }: { readonly content: PaneContent }): JSX.Element {
  const shown = shownPlanes.value === 'all' ? planes : [shownPlanes.value];
  const title = content.pictures.map(titleOf).join('  |  ');
  const isDifference = content.pictures[0]?.kind === 'difference';
  return (
    <section class="pane" aria-label={title}>
      <header class="pane-head">
        <h2 data-heading={headingOf(content.pictures)}>{title}</h2>
        {isDifference ? (
          <DifferenceOpacity />
        ) : (
          content.pictures.some(({ synthetic }) => synthetic) && <span class="badge">SYNTHETIC</span>
        )}
      </header>
      <div class="tiles">
        {shown.map((plane, index) => (
          <PlaneTile key={plane} plane={plane} content={content} main={index === 0} />
        ))}
      </div>
    </section>
  );
}

/** How strongly the differences cover the scan below. Their tiles say themselves that they are synthetic. */
function DifferenceOpacity(): JSX.Element {
  return (
    <Slide
      text="Difference over the scan"
      min={0}
      max={1}
      value={differenceOpacity.value}
      show={(value) => `${Math.round(100 * value)} % over the scan`}
      onInput={(value) => {
        differenceOpacity.value = value;
      }}
    />
  );
}

function headingOf(pictures: readonly Picture[]): string {
  return pictures.map((one) => (one.synthetic ? `${titleOf(one)} (synthetic)` : titleOf(one))).join('  |  ');
}
