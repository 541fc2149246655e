import type { JSX } from 'preact';
import { work } from '../state/patient-state.js';

/** How far the work at hand is, how long it will take, and how to end it. */
export function Progress(): JSX.Element | null {
  const now = work.value;
  if (now === null) return null;
  const { doing, share, secondsLeft, cancel } = now;
  return (
    <div class="progress">
      <div class="progress-text">
        <span>{doing}</span>
        <span>{secondsLeft === null ? '' : timeLeft(secondsLeft)}</span>
      </div>
      <progress aria-label={doing} max={1} {...(share === null ? {} : { value: share })} />
      {cancel && (
        <button type="button" class="button small" onClick={cancel}>
          Cancel
        </button>
      )}
    </div>
  );
}

/** A time as people say it: `about 2 min left`. */
function timeLeft(seconds: number): string {
  if (seconds < 1.5) return 'a moment left';
  if (seconds < 90) return `about ${Math.round(seconds)} s left`;
  return `about ${Math.round(seconds / 60)} min left`;
}
