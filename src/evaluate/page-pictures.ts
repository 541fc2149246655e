import { fixed } from '../report/cell.js';
import { escapeHtml } from '../report/escape-html.js';
import { type Html, html, pngData } from '../report/html-page.js';
import { encodePng } from '../report/rgb-image.js';
import { stripGap, tileStrip } from '../report/tile-strip.js';
import { baselineNames, baselines } from './baselines.js';
import { cropPictures } from './crop-pictures.js';
import { largestShownSpread } from './fuse-patient.js';
import { measures } from './measures.js';
import { type Choice, choicesOf, differenceRange } from './page-choices.js';
import type { PatientPictures } from './patient-pictures.js';
import type { EvaluationReport } from './report-schema.js';

/**
 * The page's first view: a matrix of all directions with their correlation, and beside it best, median and worst patient of
 * the direction that is chosen in it, as source, translation, truth and difference. It needs no script.
 */
export function directionPictures(report: EvaluationReport, pictures: readonly PatientPictures[]): Html {
  const cropped = pictures.map(cropPictures);
  const choices = choicesOf(report);
  const first = typicalChoice(choices, report.mean.brain.correlation ?? 0);
  const inputs = choices.map(
    ({ title }, i) =>
      `<input type="radio" name="direction" id="direction-${i}"${i === first ? ' checked' : ''} aria-label="${escapeHtml(title)}">`,
  );
  const rules = choices.map(
    (_, i) =>
      `#direction-${i}:checked~.stage .panel-${i}{display:block}` +
      `#direction-${i}:checked~.stage [for=direction-${i}]{outline:2px solid var(--ink);outline-offset:-2px}` +
      `#direction-${i}:focus-visible~.stage [for=direction-${i}]{outline:3px solid var(--focus);outline-offset:-3px}`,
  );
  const panels = choices.map((choice, i) => panel(choice, i, cropped));
  return html(
    `<style>${style}${rules.join('')}</style><div class="chooser">${inputs.join('')}` +
      `<div class="stage"><div class="side">${matrix(choices)}${scaleBar(report.fused !== null)}</div>` +
      `<div class="panels">${panels.join('\n')}</div></div></div>`,
  );
}

/** The choice whose correlation is nearest to the mean of all directions. */
function typicalChoice(choices: readonly Choice[], mean: number): number {
  const distance = (i: number): number => Math.abs(choices[i]!.correlation - mean);
  return choices.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
}

function matrix(choices: readonly Choice[]): string {
  const targets = [...new Set(choices.map(({ to }) => to))];
  const sources = [...new Set(choices.map(({ from }) => from))];
  const modalities = [...new Set([...sources.filter((name) => name !== 'fused'), ...targets])];
  const rowNames = sources.includes('fused') ? [...modalities, 'fused'] : modalities;
  const head = modalities.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = rowNames.map((from) => {
    const cells = modalities.map((to) => {
      const i = choices.findIndex((one) => one.from === from && one.to === to);
      if (i < 0) return '<td class="none">·</td>';
      const { title, correlation, standing } = choices[i]!;
      return `<td><label for="direction-${i}" class="${standing}" title="${escapeHtml(title)}">${fixed(measures.correlation, correlation)}</label></td>`;
    });
    return `<tr><th scope="row">${escapeHtml(from)}</th>${cells.join('')}</tr>`;
  });
  const others = baselineNames.map((name) => baselines[name].label).join(', ');
  const beaten = `than every baseline (${others})${sources.includes('fused') ? '; fused: than the best single source' : ''}`;
  return (
    '<table class="matrix"><caption>r in the brain, from (rows) to (columns): choose a direction</caption>' +
    `<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>` +
    `<p class="key"><span class="better">better</span> <span class="worse">worse</span> ${beaten}</p>`
  );
}

function panel(
  { title, heads, ranked, tiles }: Choice,
  index: number,
  pictures: readonly PatientPictures[],
): string {
  const rows = ranked.flatMap(({ rank, row: { patient, brain, tumour } }) => {
    const found = pictures.find((one) => one.patient === patient);
    const shown = found && tiles(found);
    if (!shown) return [];
    const strip = tileStrip(shown, { side: found.side, differenceRange });
    const alt = `${patient}, slice ${found.slice}: ${heads.join('; ')}`;
    const figures = (['correlation', 'fittedMae', 'contrast'] as const).map((name) => {
      const value = brain[name];
      return `${measures[name].label} ${value === null ? '–' : fixed(measures[name], value)}`;
    });
    const inTumour = tumour ? [`tumour MAE ${fixed(measures.mae, tumour.mae)}`] : [];
    const words = [...figures, ...inTumour, `slice ${found.slice}`].join('<br>');
    return [
      `<div class="rank"><p><b>${rank}</b><br>${escapeHtml(patient)}<br><span class="faint">${words}</span></p>` +
        `<img src="${pngData(encodePng(strip))}" alt="${escapeHtml(alt)}"></div>`,
    ];
  });
  const names = heads.map((text) => `<span>${escapeHtml(text)}</span>`).join('');
  return `<div class="panel panel-${index}"><div class="rank heads"><p><b>${escapeHtml(title)}</b></p><div>${names}</div></div>${rows.join('')}</div>`;
}

function scaleBar(fused: boolean): string {
  const spread = fused
    ? `<div class="scale" aria-hidden="true"><span class="bar heat"></span><span>0 spread</span><span></span><span>${largestShownSpread}</span></div>`
    : '';
  return (
    '<div class="scale" aria-hidden="true"><span class="bar"></span>' +
    `<span>−${differenceRange} too dark</span><span>0</span><span>too bright +${differenceRange}</span></div>${spread}` +
    '<p class="key"><span class="outline"></span> outline of the tumour. Intensities on [0, 1]; each patient’s evaluated slice with most tumour.</p>'
  );
}

const style = `
.chooser>input{position:absolute;opacity:0;pointer-events:none}
.stage{display:grid;grid-template-columns:19rem minmax(0,1fr);gap:1.75rem;align-items:start}
.matrix{table-layout:fixed;width:100%;font-size:.85rem}
.matrix caption{caption-side:top}
.matrix th,.matrix td{padding:0;text-align:center;border:0;height:2.1rem}
.matrix tbody th{text-align:right;padding-right:.5rem}
.matrix label{display:grid;place-items:center;height:2rem;margin:1px;border-radius:4px;cursor:pointer;background:var(--card);border:1px solid var(--line)}
.matrix label.better{background:var(--better-ground);color:var(--better)}
.matrix label.worse{background:var(--worse-ground);color:var(--worse)}
.matrix .none{color:var(--faint)}
.key{font-size:.8rem;color:var(--faint);margin:.5rem 0 0;line-height:1.4}
.key .better,.key .worse{padding:0 .35rem;border-radius:3px}
.key .better{background:var(--better-ground);color:var(--better)}
.key .worse{background:var(--worse-ground);color:var(--worse)}
.key .outline{display:inline-block;width:.8rem;height:.8rem;border:2px solid #40e078;background:#222;vertical-align:-.1rem}
.panel{display:none}
.rank{display:grid;grid-template-columns:8.5rem minmax(0,1fr);gap:.75rem;align-items:center;margin-bottom:.5rem}
.rank p{margin:0;font-size:.8rem;line-height:1.35;overflow-wrap:anywhere}
.rank img{width:100%;display:block;border-radius:4px}
.heads{font-size:.85rem;margin-bottom:.25rem}
.heads p{font-size:.95rem}
.heads>div{display:grid;grid-template-columns:repeat(4,1fr);column-gap:calc(100% * ${stripGap} / (4 + 3 * ${stripGap}));text-align:center;color:var(--faint)}
.scale{display:grid;grid-template-columns:1fr auto 1fr;font-size:.8rem;color:var(--faint);margin-top:1.25rem}
.scale .bar{grid-column:1/-1;height:.7rem;border-radius:3px;background:linear-gradient(90deg,rgb(140,214,255),rgb(30,110,214),rgb(12,12,16),rgb(222,94,20),rgb(255,220,130));print-color-adjust:exact}
.scale .heat{background:linear-gradient(90deg,rgb(0,0,4),rgb(87,16,110),rgb(188,55,84),rgb(249,142,9),rgb(252,255,164))}
.scale span:last-child{text-align:right}
@media (max-width:60rem){.stage{grid-template-columns:1fr}.side{max-width:22rem}}
@media (max-width:40rem){.rank{grid-template-columns:1fr}}
@media print{.side{display:grid;grid-template-columns:1fr 1fr;gap:0 1.5rem;max-width:none}.side .matrix{grid-row:1/span 4}.rank{break-inside:avoid}.matrix label{print-color-adjust:exact}}
`;
