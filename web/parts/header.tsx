import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { Icon } from '../controls/icons.js';
import { newPatient } from '../patient/actions.js';
import { pictures, work } from '../state/patient-state.js';
import { helpOpen } from './help.js';

type Theme = 'dark' | 'light';
const storageKey = 'utad-theme';

function preferred(): Theme {
  const kept = localStorage.getItem(storageKey);
  if (kept === 'dark' || kept === 'light') return kept;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

const theme = signal<Theme>(preferred());

/** Puts the theme into force, and keeps it when the person chose it. */
export function applyTheme(chosen?: Theme): void {
  if (chosen) {
    theme.value = chosen;
    localStorage.setItem(storageKey, chosen);
  }
  document.documentElement.dataset['theme'] = theme.value;
}

/** Name of the page, and what concerns all of it. */
export function Header(): JSX.Element {
  const other = theme.value === 'dark' ? 'light' : 'dark';
  return (
    <header class="header">
      <span class="brand">
        <Icon name="head" size={22} />
        <span>utad-net</span>
      </span>
      <span class="claim">
        <Icon name="lock" size={15} /> Everything stays on this computer
      </span>
      <div class="header-buttons">
        {pictures.value.length > 0 && (
          <button type="button" class="button small" disabled={work.value !== null} onClick={newPatient}>
            New patient
          </button>
        )}
        <button
          type="button"
          class="quiet"
          aria-label={`Use the ${other} theme`}
          title={`Use the ${other} theme`}
          onClick={() => applyTheme(other)}
        >
          <Icon name={other === 'dark' ? 'moon' : 'sun'} />
        </button>
        <button
          type="button"
          class="quiet"
          aria-label="Help and keys"
          title="Help and keys"
          onClick={() => {
            helpOpen.value = true;
          }}
        >
          <Icon name="help" />
        </button>
      </div>
    </header>
  );
}
