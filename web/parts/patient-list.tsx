import type { JSX } from 'preact';
import { describeGrid } from '../../src/imaging/geometry.js';
import { Icon } from '../controls/icons.js';
import { readOffered, removePicture, setRole } from '../patient/actions.js';
import { isViewable, type Picture, showModality, titleOf } from '../picture/picture.js';
import { modalities, offered, pictures, work } from '../state/patient-state.js';
import { toggleVisible, visible } from '../state/view-state.js';
import { FileButtons } from './file-buttons.js';

/** The patient's volumes: what each is, and whether it is shown. */
export function PatientList(): JSX.Element {
  const dropped = pictures.value.filter(({ kind }) => kind === 'scan');
  return (
    <section class="card" aria-labelledby="patient-title">
      <h2 id="patient-title">Patient</h2>
      <ul class="pictures">
        {dropped.map((one) => (
          <PictureRow key={one.id} picture={one} />
        ))}
      </ul>
      {offered.value.length > 0 && <OfferedList />}
      <div class="row">
        <FileButtons />
      </div>
    </section>
  );
}

function PictureRow({ picture }: { readonly picture: Picture }): JSX.Element {
  const { id, name, role, recognition, resampled, warnings, volume } = picture;
  const file = name.split('/').at(-1)!;
  const notes = [
    ...(role === undefined ? [`Say what it shows: ${recognition.because}.`] : []),
    ...(!recognition.sure && role !== undefined
      ? [`Is it this? Nothing is sure: ${recognition.because}.`]
      : []),
    ...(resampled ? ['It lies on another grid and is shown resampled.'] : []),
    ...warnings,
  ];
  return (
    <li class="picture">
      <EyeButton picture={picture} />
      <div class="picture-text">
        <select
          aria-label={`What ${file} shows`}
          class={role === undefined ? 'role unknown' : 'role'}
          disabled={work.value !== null}
          onChange={(event) => setRole(id, event.currentTarget.value || undefined)}
        >
          <option value="" selected={role === undefined}>
            Unknown
          </option>
          {[...modalities.value, 'tumour', 'brain'].map((one) => (
            <option key={one} value={one} selected={role === one}>
              {showModality(one)}
            </option>
          ))}
          {role !== undefined && ![...modalities.value, 'tumour', 'brain'].includes(role) && (
            <option value={role} selected>
              {showModality(role)}
            </option>
          )}
        </select>
        <span class="file" title={`${name}: ${describeGrid(volume)}`}>
          <bdi>{file}</bdi>
        </span>
        {notes.map((note) => (
          <p class="note" key={note}>
            {note}
          </p>
        ))}
      </div>
      <button
        type="button"
        class="quiet"
        aria-label={`Remove ${file}`}
        title="Remove"
        disabled={work.value !== null}
        onClick={() => removePicture(id)}
      >
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}

/** Shows or hides a picture. Masks have no view of their own. */
export function EyeButton({ picture }: { readonly picture: Picture }): JSX.Element {
  const shown = visible.value.includes(picture.id);
  if (!isViewable(picture)) return <span class="eye-place" />;
  return (
    <button
      type="button"
      class="quiet eye"
      aria-pressed={shown}
      aria-label={`Show ${titleOf(picture)}`}
      title={shown ? 'Hide' : 'Show'}
      onClick={() => toggleVisible(picture.id)}
    >
      <Icon name={shown ? 'eye' : 'eye-off'} size={17} />
    </button>
  );
}

function OfferedList(): JSX.Element {
  return (
    <details class="offered">
      <summary>{offered.value.length} further series</summary>
      <ul>
        {offered.value.map((one) => (
          <li key={`${one.drop} ${one.name}`}>
            <span>
              <strong>{one.name}</strong> {one.description}
              <br />
              <small>{one.why}</small>
            </span>
            {one.readable && (
              <button
                type="button"
                class="button small"
                disabled={work.value !== null}
                onClick={() => readOffered(one)}
              >
                Read
              </button>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
