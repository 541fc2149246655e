import type { Tile } from '../report/draw-tile.js';
import { escapeHtml } from '../report/escape-html.js';
import { type Html, html, pngData } from '../report/html-page.js';
import { encodePng } from '../report/rgb-image.js';
import { stripGap, tileStrip } from '../report/tile-strip.js';
import { cropPictures } from './crop-pictures.js';
import type { Comparison } from './evaluation-report.js';
import { type PatientPictures, pictureValues } from './patient-pictures.js';
import { rankPatients } from './rank-patients.js';
import type { EvaluationReport } from './report-schema.js';

/** Difference that is drawn brightest. */
export const differenceRange = 0.5;

/**
 * The page's first view: a matrix of all directions with their SSIM, and beside it best, median and worst patient of
 * the direction that is chosen in it, as source, translation, truth and difference. It needs no script.
 */
export function directionPictures(report: EvaluationReport, pictures: readonly PatientPictures[]): Html {
  const heads = pictures.map(cropPictures);
  const { directions } = report;
  const chosen = typicalDirection(report);
  const inputs = directions.map(
    ({ source, target }, i) =>
      `<input type="radio" name="direction" id="direction-${i}"${i === chosen ? ' checked' : ''} aria-label="${escapeHtml(`${source} to ${target}`)}">`,
  );
  const rules = directions.map(
    (_, i) =>
      `#direction-${i}:checked~.stage .panel-${i}{display:block}` +
      `#direction-${i}:checked~.stage [for=direction-${i}]{outline:2px solid var(--ink);outline-offset:-2px}` +
      `#direction-${i}:focus-visible~.stage [for=direction-${i}]{outline:3px solid var(--focus);outline-offset:-3px}`,
  );
  const panels = directions.map((_, i) => panel(report, i, heads));
  return html(
    `<style>${style}${rules.join('')}</style><div class="chooser">${inputs.join('')}` +
      `<div class="stage"><div class="side">${matrix(report)}${scaleBar()}</div>` +
      `<div class="panels">${panels.join('\n')}</div></div></div>`,
  );
}

/** The direction whose SSIM is nearest to the mean of all. */
function typicalDirection({ directions, mean }: EvaluationReport): number {
  const distance = (i: number): number => Math.abs(directions[i]!.brain.ssim - mean.brain.ssim);
  return directions.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
}

function matrix({ directions }: EvaluationReport): string {
  const sources = [...new Set(directions.map(({ source }) => source))];
  const targets = [...new Set(directions.map(({ target }) => target))];
  const order = [...new Set([...sources, ...targets])];
  const head = order.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const rows = order.map((source) => {
    const cells = order.map((target) => {
      const i = directions.findIndex((one) => one.source === source && one.target === target);
      if (i < 0) return '<td class="none">·</td>';
      const one = directions[i]!;
      return `<td><label for="direction-${i}" class="${standing(one)}" title="${escapeHtml(`${source} to ${target}`)}">${one.brain.ssim.toFixed(3)}</label></td>`;
    });
    return `<tr><th scope="row">${escapeHtml(source)}</th>${cells.join('')}</tr>`;
  });
  return (
    '<table class="matrix"><caption>SSIM in the brain, from (rows) to (columns): choose a direction</caption>' +
    `<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>` +
    '<p class="key"><span class="better">better</span> <span class="worse">worse</span> than the better of copied and histogram-matched source</p>'
  );
}

/** Whether the translation is nearer to the truth than both answers that need no network. */
function standing({ brain, copy, matched }: Comparison): 'better' | 'worse' {
  return brain.ssim > Math.max(copy.brain.ssim, matched?.brain.ssim ?? 0) ? 'better' : 'worse';
}

function panel(report: EvaluationReport, index: number, pictures: readonly PatientPictures[]): string {
  const { source, target } = report.directions[index]!;
  const own = report.patients.filter((row) => row.source === source && row.target === target);
  const rows = rankPatients(own).flatMap(({ rank, row }) => {
    const found = pictures.find(({ patient }) => patient === row.patient);
    const made = found?.made.find((one) => one.source === source && one.target === target);
    if (!found || !made) return [];
    const { outline, side, slice, real } = found;
    const image = (bytes: Uint8Array): Tile => ({
      values: pictureValues(bytes),
      ...(outline ? { outline } : {}),
    });
    const [truth, answer] = [pictureValues(real[target]!), pictureValues(made.image)];
    const strip = tileStrip(
      [
        image(real[source]!),
        image(made.image),
        image(real[target]!),
        {
          values: answer.map((value, i) => value - truth[i]!),
          kind: 'difference',
          ...(outline ? { outline } : {}),
        },
      ],
      { side, differenceRange },
    );
    const alt = `${row.patient}, slice ${slice}: ${source}, ${target} made from it, real ${target}, and their difference`;
    const tumour = row.tumour ? `<br>in the tumour ${row.tumour.ssim.toFixed(3)}` : '';
    return [
      `<div class="rank"><p><b>${rank}</b><br>${escapeHtml(row.patient)}<br><span class="faint">SSIM ${row.brain.ssim.toFixed(3)}${tumour}<br>MAE ${row.brain.mae.toFixed(3)}<br>slice ${slice}</span></p>` +
        `<img src="${pngData(encodePng(strip))}" alt="${escapeHtml(alt)}"></div>`,
    ];
  });
  const heads = [source, `${target}, translated`, `${target}, real`, 'translated − real']
    .map((text) => `<span>${escapeHtml(text)}</span>`)
    .join('');
  return `<div class="panel panel-${index}"><div class="rank heads"><p><b>${escapeHtml(`${source} → ${target}`)}</b></p><div>${heads}</div></div>${rows.join('')}</div>`;
}

function scaleBar(): string {
  return (
    '<div class="scale" aria-hidden="true"><span class="bar"></span>' +
    `<span>−${differenceRange} too dark</span><span>0</span><span>too bright +${differenceRange}</span></div>` +
    '<p class="key"><span class="outline"></span> outline of the tumour. Intensities on [0, 1]; each patient’s judged slice with most tumour.</p>'
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
.scale span:last-child{text-align:right}
@media (max-width:60rem){.stage{grid-template-columns:1fr}.side{max-width:22rem}}
@media (max-width:40rem){.rank{grid-template-columns:1fr}}
@media print{.rank{break-inside:avoid}.matrix label{print-color-adjust:exact}}
`;
