import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../controls/icons.js';
import { pageVersion } from '../patient/version.js';

export const helpOpen = signal(false);

const keys: readonly (readonly [string, string])[] = [
  ['↑ ↓  wheel', 'one slice; Page up and down ten, Home and End the ends'],
  ['click, drag', 'moves the crosshair in all views'],
  ['right drag, Shift + drag', 'brightness and contrast (window, level)'],
  ['Ctrl + wheel, + −, pinch', 'magnifies; two fingers or the middle button move'],
  ['1 2 3 4', 'axial, coronal, sagittal, all planes'],
  ['C', 'next way to compare: side by side, slider, fade, blink'],
  ['O   X', 'tumour outline, crosshair'],
  ['R', 'everything as at the beginning'],
  ['S', 'screenshot'],
];

/** What keys and pointer do; keys count while a view has the focus. */
export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helpOpen.value]);
  const close = (): void => {
    helpOpen.value = false;
  };
  return (
    <dialog ref={dialog} onClose={close} aria-labelledby="help-title">
      <div class="dialog-head">
        <h2 id="help-title">Help and keys</h2>
        <button type="button" class="quiet" aria-label="Close the help" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <p>
        Views are shown as radiologists are used to: the patient’s right is on the left. Keys count while a
        view has the focus.
      </p>
      <table class="keys">
        <tbody>
          {keys.map(([key, meaning]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="note">
        utad-net {pageVersion}. For research: what the network translates is synthetic and not for diagnosis.
      </p>
    </dialog>
  );
}
