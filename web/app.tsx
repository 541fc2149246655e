import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Header } from './parts/header.js';
import { Help } from './parts/help.js';
import { ModelCard } from './parts/model-card.js';
import { PatientList } from './parts/patient-list.js';
import { ProblemList } from './parts/problem-list.js';
import { Progress } from './parts/progress.js';
import { StartPage } from './parts/start-page.js';
import { StatusBar } from './parts/status-bar.js';
import { ToolBar } from './parts/tool-bar.js';
import { TranslationList } from './parts/translation-list.js';
import { readFiles } from './patient/actions.js';
import { filesOfDrop } from './patient/collect-files.js';
import { announcement, pictures, work } from './state/patient-state.js';
import { Viewer } from './view/viewer.js';

/** The whole page. */
export function App(): JSX.Element {
  const dragging = useDrop();
  const hasPatient = pictures.value.length > 0;
  return (
    <div class={`page${dragging ? ' dragging' : ''}`}>
      <Header />
      <ProblemList />
      {work.value?.kind === 'reading' && (
        <div class="reading" role="status">
          <Progress />
        </div>
      )}
      {hasPatient ? (
        <main class="work">
          <aside class="side" aria-label="Patient and model">
            <PatientList />
            <TranslationList />
            <ModelCard />
          </aside>
          <section class="stage" aria-label="Images">
            <h1 class="hidden">Images of the patient</h1>
            <ToolBar />
            <Viewer />
            <StatusBar />
          </section>
        </main>
      ) : (
        <StartPage />
      )}
      <Help />
      <p class="hidden" role="status">
        {announcement.value}
      </p>
    </div>
  );
}

/** Takes files that are dropped anywhere on the page; tells whether some hover over it. */
function useDrop(): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      if (event.dataTransfer?.types.includes('Files')) setDragging(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      setDragging(false);
      if (event.dataTransfer && work.value === null) void filesOfDrop(event.dataTransfer).then(readFiles);
    };
    const listeners = { dragover: over, dragleave: leave, drop } as const;
    for (const [name, listener] of Object.entries(listeners))
      document.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners))
        document.removeEventListener(name, listener as EventListener);
    };
  }, []);
  return dragging;
}
