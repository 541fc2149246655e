import type { JSX } from 'preact';
import { Icon } from '../controls/icons.js';
import { openExample } from '../patient/example.js';
import { model, work } from '../state/patient-state.js';
import { FileButtons } from './file-buttons.js';
import { ModelCard } from './model-card.js';

/** What is seen before there is a patient. */
export function StartPage(): JSX.Element {
  return (
    <main class="start">
      <section class="hero" aria-labelledby="start-title">
        <h1 id="start-title">See the missing MRI</h1>
        <p class="lead">
          Drop a brain-tumour patient’s scans. A network translates into the modality that is missing, T1,
          T1ce, T2 or FLAIR, out of one that is there, and shows it beside the real ones.
        </p>
        <div class="drop-zone">
          <Icon name="head" size={40} />
          <p>
            <strong>Drop NIfTI files, a DICOM folder or a ZIP here</strong>
            <br />
            <small>skull-stripped volumes, background 0</small>
          </p>
          <div class="buttons">
            <FileButtons strong />
            <button type="button" class="button" disabled={work.value !== null} onClick={() => openExample()}>
              <Icon name="spark" />
              <span>Example patient</span>
            </button>
          </div>
        </div>
        <ul class="promises">
          <li>
            <Icon name="lock" />
            <span>
              <strong>Nothing leaves this computer.</strong> Reading, translating and saving happen in this
              tab; the page may not talk to any other host.
            </span>
          </li>
          <li>
            <Icon name="spark" />
            <span>
              <strong>Synthetic means synthetic.</strong> What the network translated is marked in every view,
              in screenshots and in files. For research, not for diagnosis.
            </span>
          </li>
        </ul>
      </section>
      <section class="start-model" aria-label="Model">
        <ModelCard open={model.value === null} />
      </section>
    </main>
  );
}
