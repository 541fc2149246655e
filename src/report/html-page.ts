import type { Cell } from './cell.js';
import { escapeHtml } from './escape-html.js';

/** Markup that is already escaped; made by the functions of this file, by {@link lineChart} or by `html`. */
export interface Html {
  readonly html: string;
}

/** Marks text as markup; it must be safe already. */
export function html(markup: string): Html {
  return { html: markup };
}

/** A paragraph of plain text. */
export function paragraph(text: string): Html {
  return html(`<p>${escapeHtml(text)}</p>`);
}

/**
 * A table whose first column heads the rows.
 *
 * @param head the columns' names; with `groups`, a line above that spans several columns
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: {
    readonly caption?: string;
    readonly groups?: readonly { readonly text: string; readonly span: number }[];
  } = {},
): Html {
  const cell = (one: Cell, index: number): string => {
    const { text, note, tone } =
      typeof one === 'string' ? { text: one, note: undefined, tone: undefined } : one;
    const named = tone === undefined ? '' : ` class="${tone}"`;
    const small = note === undefined ? '' : ` <small>${escapeHtml(note)}</small>`;
    const content = `${escapeHtml(text)}${small}`;
    return index === 0 ? `<th scope="row"${named}>${content}</th>` : `<td${named}>${content}</td>`;
  };
  const groups = options.groups
    ?.map(({ text, span }) => `<th scope="colgroup" colspan="${span}">${escapeHtml(text)}</th>`)
    .join('');
  return html(
    [
      '<div class="wide"><table>',
      options.caption === undefined ? '' : `<caption>${escapeHtml(options.caption)}</caption>`,
      '<thead>',
      groups === undefined ? '' : `<tr class="groups">${groups}</tr>`,
      `<tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>`,
      `<tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}</tbody></table></div>`,
    ].join(''),
  );
}

/**
 * A picture with words under it.
 *
 * @param picture PNG bytes, or an SVG as text
 * @param alt what the picture shows, for those who cannot see it
 */
export function figure(picture: Uint8Array | string, alt: string, caption = alt): Html {
  const image =
    typeof picture === 'string' ? picture : `<img src="${pngData(picture)}" alt="${escapeHtml(alt)}">`;
  return html(`<figure>${image}<figcaption>${escapeHtml(caption)}</figcaption></figure>`);
}

/** Figures side by side where there is room. */
export function figureGrid(figures: readonly Html[]): Html {
  return html(`<div class="grid">${figures.map((one) => one.html).join('\n')}</div>`);
}

/** Words and their meanings. */
export function definitions(entries: Readonly<Record<string, string>>): Html {
  const pairs = Object.entries(entries).map(
    ([word, meaning]) => `<dt>${escapeHtml(word)}</dt><dd>${escapeHtml(meaning)}</dd>`,
  );
  return html(`<dl>${pairs.join('\n')}</dl>`);
}

/** Something that can be folded away, and is unless `open`. */
export function folded(summary: string, content: readonly Html[], open = false): Html {
  const inside = content.map((one) => one.html).join('\n');
  return html(`<details${open ? ' open' : ''}><summary>${escapeHtml(summary)}</summary>${inside}</details>`);
}

/** A part of a page; without a heading it goes with what stands above. */
export interface Section {
  readonly heading?: string;
  readonly content: readonly Html[];
}

/** One HTML file that needs nothing else: styles inside, pictures as data, light and dark. */
export function htmlPage(page: {
  readonly title: string;
  readonly lead?: string;
  readonly sections: readonly Section[];
}): string {
  const title = escapeHtml(page.title);
  const sections = page.sections.map(
    ({ heading, content }) =>
      `<section>${heading === undefined ? '' : `<h2>${escapeHtml(heading)}</h2>`}\n${content.map((one) => one.html).join('\n')}</section>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`,
    `<title>${title}</title><style>${style}</style></head>`,
    `<body><main><h1>${title}</h1>`,
    page.lead === undefined ? '' : `<p class="lead">${escapeHtml(page.lead)}</p>`,
    ...sections,
    '</main></body></html>',
    '',
  ].join('\n');
}

/** A PNG as an address that holds the picture itself. */
export function pngData(png: Uint8Array): string {
  return `data:image/png;base64,${toBase64(png)}`;
}

/** Base64 of some bytes, in pieces that the argument list can hold. */
function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}

const style = `
:root{color-scheme:light dark;--ground:#fbfbfa;--ink:#1c1d20;--faint:#62656c;--line:#dcdde0;--better:#00664a;--better-ground:#dff3ea;--worse:#973300;--worse-ground:#fbe9df;--focus:#0068b0;--card:#fff}
@media screen and (prefers-color-scheme:dark){:root{--ground:#141518;--ink:#e4e6ea;--faint:#9a9ea8;--line:#33363d;--better:#74dcb4;--better-ground:#12372b;--worse:#ffa678;--worse-ground:#3d2417;--focus:#5cb8f5;--card:#1b1d21}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .25rem}
section{margin-top:1rem}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
.lead{color:var(--faint);max-width:none;margin:0}
p{max-width:50rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--faint);padding-bottom:.5rem}
td small{font-size:.8em;font-weight:400;opacity:.8}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{font-weight:600}
th:first-child{text-align:left;padding-left:0}
.groups th{text-align:center;border-bottom:0;color:var(--faint)}
.groups th:first-child{text-align:left}
td.better{color:var(--better);background:var(--better-ground);font-weight:600}
td.worse{color:var(--worse)}
.faint{color:var(--faint)}
figure{margin:1rem 0}
figure img,figure svg{max-width:100%;height:auto;border-radius:4px;display:block}
figcaption{color:var(--faint);font-size:.85rem;margin-top:.4rem}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem}
.grid figure{margin:0;min-width:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.35rem 1.25rem;font-size:.9rem;margin:0}
dt{font-weight:600}
dd{margin:0;color:var(--faint)}
summary{cursor:pointer;color:var(--faint)}
@media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
@media print{main{padding:0;max-width:none}table{font-size:.7rem}th,td{padding:.2rem .4rem}tr,figure{break-inside:avoid}h2{break-after:avoid}.better{print-color-adjust:exact}}
`;
