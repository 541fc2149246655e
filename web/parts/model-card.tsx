import type { JSX } from 'preact';
import type { ModelTraining } from '../../src/translate/model-metadata.js';
import { Icon } from '../controls/icons.js';
import { takeFromShelf, takeModel } from '../patient/models.js';
import { releaseModel } from '../patient/translate.js';
import { showModality } from '../picture/picture.js';
import {
  backends,
  type ChosenModel,
  deviceUsed,
  deviceWish,
  model,
  shelf,
  work,
} from '../state/patient-state.js';
import type { DeviceWish } from '../work/translate-worker.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The model in use: what it was trained on, how well it does, where it computes; and how to take another. */
export function ModelCard({ open = false }: { readonly open?: boolean }): JSX.Element {
  const chosen = model.value;
  return (
    <details class="card model" open={open}>
      <summary>
        <h2>Model</h2>
        <span class="model-name">{chosen ? chosen.name : 'none yet'}</span>
      </summary>
      {chosen ? <About chosen={chosen} /> : <Missing />}
      {shelf.value.length > 1 && <Shelf />}
      <div class="row">
        <label class="button small">
          <Icon name="file" size={16} />
          <span>{chosen ? 'Another model' : 'Choose a model'}</span>
          <input
            class="hidden"
            type="file"
            accept=".onnx"
            disabled={work.value !== null}
            data-test="model"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              if (file) void takeModel(file, file.name);
            }}
          />
        </label>
        <DeviceChoice />
      </div>
      <DeviceReports />
    </details>
  );
}

function Missing(): JSX.Element {
  return (
    <p>
      No model lies beside this page. Drop a model file (<code>.onnx</code>) that <code>utad train</code> has
      written. <code>npm run demo</code> makes a small one in eight minutes:{' '}
      <code>demo/student/model.onnx</code>.
    </p>
  );
}

function Shelf(): JSX.Element {
  return (
    <label class="field">
      <span>Beside this page</span>
      <select
        disabled={work.value !== null}
        onChange={(event) => {
          const found = shelf.value.find(({ file }) => file === event.currentTarget.value);
          if (found) takeFromShelf(found);
        }}
      >
        {shelf.value.map(({ name, file }) => (
          <option key={file} value={file} selected={model.value?.name === name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function About({ chosen }: { readonly chosen: ChosenModel }): JSX.Element {
  const { metadata, card } = chosen;
  const { model: shape, recipe, training, codeVersion, created } = metadata;
  return (
    <>
      <dl class="facts">
        <dt>Translates into</dt>
        <dd>{shape.modalities.map(showModality).join(', ')}</dd>
        <dt>Network</dt>
        <dd>
          {shape.baseChannels} features, slices of {shape.sliceSide}² pixels over {recipe.fieldOfViewMm} mm
          {shape.contextSlices ? `, context slices: ${shape.contextSlices} below and above` : ''}
        </dd>
        <dt>Trained on</dt>
        <dd>{training ? trainedOn(training) : 'not said: its weights came from elsewhere'}</dd>
        <dt>How well</dt>
        <dd>{howWell(training)}</dd>
        <dt>Written</dt>
        <dd>
          {created.slice(0, 10)} by utad-net {codeVersion}
        </dd>
      </dl>
      {training?.validation?.directions && <Directions directions={training.validation.directions} />}
      {card !== undefined && (
        <p>
          <a href={card} target="_blank" rel="noreferrer">
            What this model is for, and what it is not
          </a>
        </p>
      )}
    </>
  );
}

function trainedOn({ trainingCases, iterations, stage }: ModelTraining): string {
  const phantoms = trainingCases.filter((name) => /phantom/i.test(name)).length;
  const whom =
    phantoms === trainingCases.length && phantoms > 0
      ? `${phantoms} phantom patients, who never lived`
      : `${trainingCases.length} patient${trainingCases.length === 1 ? '' : 's'}`;
  return `${whom}, ${iterations.toLocaleString('en-GB')} updates (${stage})`;
}

function howWell(training: ModelTraining | null): string {
  if (!training?.validation) return 'nobody measured it';
  const { ssim, mae } = training.validation;
  const on = training.validationCases.length;
  return `SSIM ${ssim.toFixed(2)}, mean error ${percent(mae)} of the range, on ${on} held-out patient${on === 1 ? '' : 's'}`;
}

function Directions({
  directions,
}: {
  readonly directions: NonNullable<NonNullable<ModelTraining['validation']>['directions']>;
}): JSX.Element {
  return (
    <details class="directions">
      <summary>Each direction</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">From → to</th>
            <th scope="col">SSIM</th>
            <th scope="col">Error</th>
          </tr>
        </thead>
        <tbody>
          {directions.map(({ source, target, ssim, mae }) => (
            <tr key={`${source} ${target}`}>
              <td>
                {showModality(source)} → {showModality(target)}
              </td>
              <td>{ssim.toFixed(2)}</td>
              <td>{percent(mae)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const deviceNames: Readonly<Record<string, string>> = {
  auto: 'the fastest that is right',
  wasm: 'processor',
  webgpu: 'graphics card',
};

function DeviceChoice(): JSX.Element {
  return (
    <label class="field inline">
      <span>Computes on</span>
      <select
        disabled={work.value !== null}
        data-test="device"
        onChange={(event) => {
          releaseModel();
          deviceWish.value = event.currentTarget.value as DeviceWish;
        }}
      >
        {(['auto', 'webgpu', 'wasm'] as const).map((name) => (
          <option key={name} value={name} selected={deviceWish.value === name}>
            {deviceNames[name]}
          </option>
        ))}
      </select>
    </label>
  );
}

function DeviceReports(): JSX.Element | null {
  if (deviceUsed.value === null) return null;
  return (
    <ul class="devices">
      {backends.value.map(({ name, reason, milliseconds }) => (
        <li key={name}>
          {deviceNames[name]}:{' '}
          {name === deviceUsed.value
            ? `serves${milliseconds === null ? '' : ` (${milliseconds.toFixed(0)} ms a test run)`}`
            : (reason ?? 'not used')}
        </li>
      ))}
    </ul>
  );
}
