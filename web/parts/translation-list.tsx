import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from '../controls/icons.js';
import { downloadDicom, downloadNifti } from '../patient/download.js';
import { translate, usualSource, type Wish } from '../patient/translate.js';
import { type Picture, showModality, titleOf } from '../picture/picture.js';
import {
  candidatesFor,
  modalities,
  model,
  pictures,
  scans,
  syntheticPictures,
  work,
} from '../state/patient-state.js';
import { EyeButton } from './patient-list.js';
import { Progress } from './progress.js';

/** Sources that a person chose, by target. */
const chosenSources = signal<Readonly<Record<string, string>>>({});

function wishFor(target: string): Wish | undefined {
  const chosen = chosenSources.value[target];
  const source =
    [...scans.value.values()].find(({ id, role }) => id === chosen && role !== target) ?? usualSource(target);
  return source && { target, sourceId: source.id };
}

/** What the patient's scans can be translated into, missing modalities first. */
export function TranslationList(): JSX.Element {
  const lacking = modalities.value.filter((name) => !scans.value.has(name));
  const missing = lacking.filter((name) => candidatesFor(name).length === 0);
  const doubtful = lacking.filter((name) => !missing.includes(name));
  const there = modalities.value.filter((name) => scans.value.has(name));
  const wishes = (lacking.length > 0 ? missing : there).map(wishFor).filter((one) => one !== undefined);
  const canTranslate = model.value !== null && scans.value.size > 0;
  return (
    <section class="card" aria-labelledby="translation-title">
      <h2 id="translation-title">Translate</h2>
      {!canTranslate && <p class="note">{whyNot()}</p>}
      {canTranslate && (
        <>
          {missing.length > 0 && <Rows heading="Missing" targets={missing} />}
          {doubtful.length > 0 && <Rows heading="May be there; look above first" targets={doubtful} />}
          {there.length > 0 && (
            <Rows
              heading={
                lacking.length > 0
                  ? 'There; translate it to compare'
                  : 'All are there; translate one to compare'
              }
              targets={there}
            />
          )}
          {work.value?.kind === 'translating' ? (
            <Progress />
          ) : (
            wishes.length > 1 && (
              <button
                type="button"
                class="button wide"
                disabled={work.value !== null}
                onClick={() => translate(wishes)}
              >
                {missing.length > 0
                  ? `Translate all ${wishes.length} missing`
                  : `Translate all ${wishes.length}`}
              </button>
            )
          )}
        </>
      )}
    </section>
  );
}

function whyNot(): string {
  if (model.value === null) return 'Choose a model first, below.';
  const unknown = pictures.value.filter(({ role, kind }) => role === undefined && kind === 'scan');
  return unknown.length > 0
    ? 'Say above what the volumes show; then what is missing can be translated.'
    : `Drop a scan that the model knows: ${modalities.value.map(showModality).join(', ')}.`;
}

function Rows({
  heading,
  targets,
}: {
  readonly heading: string;
  readonly targets: readonly string[];
}): JSX.Element {
  return (
    <>
      <h3>{heading}</h3>
      <ul class="translations">
        {targets.map((target) => (
          <TranslationRow key={target} target={target} />
        ))}
      </ul>
    </>
  );
}

function TranslationRow({ target }: { readonly target: string }): JSX.Element {
  const wish = wishFor(target);
  const sources = [...scans.value.values()].filter(({ role }) => role !== target);
  const translated = syntheticPictures.value.get(target);
  const name = showModality(target);
  const candidates = candidatesFor(target);
  return (
    <li class="translation">
      <div class="translation-row">
        <strong class="target">{name}</strong>
        <label class="from">
          <span>from</span>
          <select
            aria-label={`Source of ${name}`}
            disabled={work.value !== null || sources.length === 0}
            onChange={(event) => {
              chosenSources.value = { ...chosenSources.value, [target]: event.currentTarget.value };
            }}
          >
            {sources.map(({ id, role }) => (
              <option key={id} value={id} selected={id === wish?.sourceId}>
                {showModality(role)}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class={translated ? 'button small' : 'button small primary'}
          disabled={work.value !== null || wish === undefined}
          onClick={() => wish && translate([wish])}
          aria-label={`${translated ? 'Translate again' : 'Translate'} ${name}`}
        >
          {translated ? 'Again' : 'Translate'}
        </button>
      </div>
      {candidates.length > 0 && (
        <p class="note">
          {name} may be there: {candidates.join('; ')}
        </p>
      )}
      {translated && <Translated picture={translated} />}
    </li>
  );
}

function Translated({ picture }: { readonly picture: Picture }): JSX.Element {
  const { scores, volume, translation } = picture;
  const difference = pictures.value.find(({ between }) => between?.translated === picture.id);
  return (
    <div class="translated">
      <div class="translated-row">
        <EyeButton picture={picture} />
        <span class="badge">SYNTHETIC</span>
        <span class="translated-from" title={`By ${translation!.model}, on ${translation!.device}`}>
          from {showModality(translation!.source)}, {translation!.seconds.toFixed(1)} s
        </span>
      </div>
      {difference && scores && (
        <div class="translated-row">
          <EyeButton picture={difference} />
          <span title="Compared with the real scan inside the brain, both on their own scale of 0 to 100 %">
            {(100 * scores.meanError).toFixed(1)} % off the real {showModality(picture.role)}
            {scores.similarity === null ? '' : `, SSIM ${scores.similarity.toFixed(2)}`}
          </span>
        </div>
      )}
      <div class="translated-row saves">
        <button
          type="button"
          class="button small"
          onClick={() => downloadNifti(picture)}
          aria-label={`Download ${titleOf(picture)} as NIfTI`}
        >
          <Icon name="download" size={15} /> NIfTI
        </button>
        {volume.origin.format === 'dicom' && (
          <button
            type="button"
            class="button small"
            onClick={() => downloadDicom(picture)}
            aria-label={`Download ${titleOf(picture)} as DICOM`}
          >
            <Icon name="download" size={15} /> DICOM
          </button>
        )}
      </div>
    </div>
  );
}
