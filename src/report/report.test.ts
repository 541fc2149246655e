import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { drawText, textWidth } from './bitmap-font.js';
import { divergingMap, greyMap, heatMap } from './colour-map.js';
import { contactSheet } from './contact-sheet.js';
import type { Tile } from './draw-tile.js';
import { definitions, figure, htmlPage, paragraph, table } from './html-page.js';
import { lineChart } from './line-chart.js';
import { formatTick, niceTicks } from './nice-ticks.js';
import { encodePng, type RgbImage } from './rgb-image.js';
import { stripChart } from './strip-chart.js';
import { tileStrip } from './tile-strip.js';

const side = 4;
const flat = (value: number): Float32Array => new Float32Array(side * side).fill(value);
const coloursOf = ({ data }: RgbImage): Set<string> => {
  const colours = new Set<string>();
  for (let i = 0; i < data.length; i += 3) colours.add([...data.subarray(i, i + 3)].join());
  return colours;
};

describe('bitmap font', () => {
  const drawn = (text: string): string => {
    const lit = new Set<string>();
    drawText((x, y) => lit.add(`${x},${y}`), text, 0, 0);
    return Array.from({ length: 7 }, (_, y) =>
      Array.from({ length: textWidth(text) }, (_, x) => (lit.has(`${x},${y}`) ? '#' : '.')).join(''),
    ).join('\n');
  };

  it('draws letters upright', () => {
    expect(drawn('F')).toBe('#####\n#....\n#....\n####.\n#....\n#....\n#....');
    expect(drawn('→')).toBe('.....\n..#..\n...#.\n#####\n...#.\n..#..\n.....');
    expect(drawn('あ')).toBe(drawn('?'));
  });

  it('has every printable ASCII character, each different', () => {
    const all = Array.from({ length: 95 }, (_, i) => drawn(String.fromCharCode(32 + i)));
    expect(new Set(all).size).toBe(95);
  });
});

describe('colour maps', () => {
  it('run from end to end and clamp', () => {
    expect(greyMap(0.5)).toEqual([128, 128, 128]);
    expect(greyMap(-3)).toEqual([0, 0, 0]);
    expect(heatMap(Number.NaN)).toEqual([0, 0, 4]);
    expect(heatMap(2)).toEqual([252, 255, 164]);
    expect(divergingMap(0)[2]).toBeGreaterThan(divergingMap(0)[0]);
    expect(divergingMap(1)[0]).toBeGreaterThan(divergingMap(1)[2]);
  });
});

describe('contact sheet', () => {
  it('scales the value range to black and white, differences around 0', () => {
    const tile = (value: number, kind?: Tile['kind']): Tile => ({
      values: flat(value),
      ...(kind ? { kind } : {}),
    });
    const row = (tiles: (Tile | null)[]) =>
      contactSheet([{ label: '', tiles }], { side, valueRange: [-1, 1] });
    expect(coloursOf(row([tile(-1), null, tile(1)]))).toContain('0,0,0');
    expect(coloursOf(row([tile(-1), null, tile(1)]))).toContain('255,255,255');
    expect(coloursOf(row([tile(0.5, 'difference')]))).toContain('255,220,130');
    expect(coloursOf(row([tile(0, 'error')]))).toContain('0,0,4');
  });

  it('draws the outline of a mask, not its inside', () => {
    const outline = new Uint8Array(side * side).fill(1);
    const sheet = contactSheet([{ label: '', tiles: [{ values: flat(0), outline }] }], { side, zoom: 1 });
    let green = 0;
    for (let i = 0; i < sheet.data.length; i += 3)
      if (sheet.data[i + 1] === 224 && sheet.data[i] === 64) green++;
    expect(green).toBe(12);
  });

  it('becomes a PNG that reads back the same', () => {
    const sheet = contactSheet([{ label: 'row', tiles: [{ values: flat(0.3), caption: 'c' }] }], {
      side,
      title: 'A title',
      columns: ['one'],
    });
    const back = decode(encodePng(sheet));
    expect([back.width, back.height, back.channels]).toEqual([sheet.width, sheet.height, 3]);
    expect(back.data).toEqual(sheet.data);
  });

  it('refuses tiles of another size and no tiles', () => {
    const wrong = { label: 'x', tiles: [{ values: new Float32Array(3) }] };
    expect(() => contactSheet([wrong], { side })).toThrow('contact sheet, tile: expected 4×4 values, got 3');
    expect(() => contactSheet([], { side })).toThrow('contact sheet: expected rows of tiles, got none');
  });
});

describe('line chart', () => {
  const points = [
    { x: 0, y: 1 },
    { x: 1, y: Number.NaN },
    { x: 2, y: 3 },
  ];

  it('names its lines, escapes them, and breaks a line at values that are not finite', () => {
    const svg = lineChart([{ name: 'loss <G>', points }], { title: 'Learning & more', xLabel: 'iteration' });
    expect(svg).toContain('loss &lt;G&gt;</text>');
    expect(svg).toContain('<title>Learning &amp; more</title>');
    expect(svg).toContain('aria-label="Learning &amp; more. loss &lt;G&gt;: last 3."');
    expect(svg.match(/class="s0" d="(.*?)"/)?.[1]?.match(/M/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('draws constants and single points, and refuses nothing at all', () => {
    expect(lineChart([{ name: 'one', points: [{ x: 5, y: 0 }] }], { title: 't' })).not.toMatch(
      /NaN|Infinity/,
    );
    expect(() => lineChart([{ name: 'none', points: [] }], { title: 't' })).toThrow(
      'expected a finite point',
    );
  });

  it('puts ticks at round numbers', () => {
    expect(niceTicks(0, 0.97, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(niceTicks(-3, 12, 4)).toEqual([0, 5, 10]);
    expect(niceTicks(0.1, 0.3, 2)).toEqual([0.1, 0.2, 0.3]);
    expect([0, 20_000].map((one) => formatTick(one, [0, 20_000]))).toEqual(['0', '20k']);
    expect(formatTick(0.2, [0, 0.05, 0.2])).toBe('0.20');
  });
});

describe('strip chart', () => {
  const options = { title: 'SSIM & more', series: ['translation', 'copy'] };

  it('draws every value as a dot, a box from five values, and says the medians', () => {
    const values = [0.1, 0.2, 0.3, 0.4, 0.5];
    const svg = stripChart([{ name: 'a <b>', values: [values, [0.7, Number.NaN]] }], options);
    // Five dots and one; two more in the legend.
    expect(svg.match(/<circle/g)).toHaveLength(8);
    expect(svg.match(/<rect/g)).toHaveLength(1);
    expect(svg.match(/class="l\d"/g)).toHaveLength(2);
    expect(svg).toContain('aria-label="SSIM &amp; more. a &lt;b&gt;: median translation 0.3, copy 0.7."');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('puts larger values higher', () => {
    const svg = stripChart([{ name: 'g', values: [[1], [2]] }], options);
    const [low, high] = [...svg.matchAll(/cy="([\d.]+)" r="2.5"/g)].map((found) => Number(found[1]));
    expect(high!).toBeLessThan(low!);
  });

  it('refuses nothing at all', () => {
    expect(() => stripChart([{ name: 'g', values: [[Number.NaN], []] }], options)).toThrow(
      'strip chart: expected a finite value, got none',
    );
  });
});

describe('tile strip', () => {
  it('puts tiles side by side with a gap, each as wide as a reader needs', () => {
    const strip = tileStrip([{ values: flat(1) }, { values: flat(0.5) }], { side });
    expect([strip.width, strip.height]).toEqual([340 + 11 + 340, 340]);
    expect([...strip.data.subarray(0, 3)]).toEqual([255, 255, 255]);
    expect([...strip.data.subarray(-3)]).toEqual([128, 128, 128]);
  });

  it('refuses tiles of another size and no tiles', () => {
    expect(() => tileStrip([{ values: new Float32Array(3) }], { side })).toThrow(
      'strip: expected 4×4 values, got 3',
    );
    expect(() => tileStrip([], { side })).toThrow('strip: expected some tiles, got none');
  });
});

describe('HTML page', () => {
  it('is one file that asks for nothing, with all text escaped', () => {
    const page = htmlPage({
      title: '<T1> & "T2"',
      sections: [
        {
          heading: 'a<b',
          content: [
            paragraph('<script>alert(1)</script>'),
            table(['x<'], [['<y>', { text: '<z>', tone: 'better' }]]),
            definitions({ '<k>': '<v>' }),
            figure(new Uint8Array(100_000), 'alt "quoted"'),
          ],
        },
      ],
    });
    expect(page).not.toMatch(/<script|<y>|<z>|<k>|<v>|<T1>|alt "q/);
    expect(page).toContain('<td class="better">&lt;z&gt;</td>');
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).not.toMatch(/url\(|@import|https?:/);
    expect(page).toContain(
      `data:image/png;base64,${Buffer.from(new Uint8Array(100_000)).toString('base64')}`,
    );
  });
});
