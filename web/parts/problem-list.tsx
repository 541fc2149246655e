import type { JSX } from 'preact';
import { sentencesOf } from '../../src/base/errors.js';
import { Icon } from '../controls/icons.js';
import { closeProblem, problems } from '../state/patient-state.js';

/** What went wrong, in words, with what to do about it. */
export function ProblemList(): JSX.Element {
  return (
    <div class="problems" role="alert">
      {problems.value.map(({ id, known, where, ...detail }) => (
        <div class="problem" key={id}>
          <div>
            <strong>{where}</strong>
            <p>
              {capitalised(sentencesOf({ where, ...detail }))}
              {known ? '' : ' This is a defect of the page; please report it.'}
            </p>
          </div>
          <button
            type="button"
            class="quiet"
            aria-label={`Close the message about ${where}`}
            onClick={() => closeProblem(id)}
          >
            <Icon name="close" size={16} />
          </button>
        </div>
      ))}
    </div>
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
