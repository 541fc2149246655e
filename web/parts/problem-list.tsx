import type { JSX } from 'preact';
import { closeProblem, problems } from '../patient/store.js';
import { Icon } from './icons.js';

/** What went wrong, in words, with what to do about it. */
export function ProblemList(): JSX.Element {
  return (
    <div class="problems" role="alert">
      {problems.value.map(({ id, known, where, expected, got, todo }) => (
        <div class="problem" key={id}>
          <div>
            <strong>{where}</strong>
            <p>
              Expected {expected}; got {got}.{todo === undefined ? '' : ` ${todo}`}
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
