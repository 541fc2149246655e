import { describe, expect, it } from 'vitest';
import { guessSequence } from './sequence-guess.js';

const spinEcho = {
  ...{ imageType: [], sequenceVariant: [], scanningSequence: ['SE'] },
  ...{ repetitionTime: 550, echoTime: 9 },
};

const guessOf = (seriesDescription: string): string => {
  const { other, contrast, confidence } = guessSequence({ ...spinEcho, seriesDescription });
  return `${other ?? contrast} ${confidence}`;
};

/** Names of a T1 before contrast agent, or that say nothing clear. */
const without = [
  ...[
    'T1 C-',
    'T1C-',
    'T1_C-_AX',
    'AX T1 GD-',
    'T1 GD(-)',
    'T1 C−',
    'T1 CE -',
    'T1 S/C',
    'T1 n/c',
    'T1 s/mdc',
  ],
  ...[
    't1_tse_tra_prae_KM',
    'T1 ohne KM',
    't1_tra_ohneKM',
    'T1 vor KM-Gabe',
    'T1 vor Gabe von KM',
    'T1 kein KM',
  ],
  ...[
    'T1 SEM CONTRASTE',
    'T1 avant injection',
    'T1 SANS INJECTION DE GADO',
    "T1 pas d'injection",
    'T1 non inj',
  ],
  ...[
    'T1 zonder contrast',
    'T1 voor contrast',
    'T1 blanco',
    'T1 sin gado',
    'T1 antes de contraste',
    'T1 senza mdc',
  ],
  ...[
    'T1 w/o GD',
    'T1 without IV contrast',
    'T1 NON-CON',
    'T1 prior to gd',
    'T1 before contrast',
    'T1 contrast: none',
  ],
  ...[
    'T1 contrast-free',
    'T1 zero contrast',
    'T1 PREKM',
    'T1 NC',
    'T1 native',
    'T1 plain',
    'T1 KM nein',
    'T1 gd neg',
  ],
  ...['T1 utan kontrast', 'T1 före kontrast', 'T1 uden kontrast', 'T1 bez kontrastu'],
  ...['T1 przed kontrastem', 'T1 kontrast nélkül', 'T1 fără contrast', 'T1 kontrastsiz', 'T1 KM öncesi'],
  ...['T1 ilman kontrastia', 'T1 ennen kontrastia'],
];

/** Signs and words that may negate, and whole examinations. */
const unclear = [
  ...[
    'T1 -KM',
    'T1 tra -GD',
    'T1 - contrast',
    'T1 xyz KM',
    'T1 o. KM',
    'T1 ante KM',
    'T1 wihout contrast',
    'T1 0 KM',
  ],
  ...[
    'T1 w.o. contrast',
    'T1 AV GADO',
    'T1 ohne und mit KM',
    'T1 avec et sans gado',
    'T1 +/- GD',
    'T1 ±KM',
    'T1 W/WO',
  ],
  ...['T1 s/c contraste y c/c', 'T1 pre/post', 'T1 kontrastsız', 'T1 vkm', 'T1 без контраста'],
];

/** Words that negate, or affirm, something else than contrast agent. */
const ofSomethingElse = [
  ...['AX T1 PRE OP', 'T1 PRE-OP STEALTH', 'T1 PRE RT', 'T1 PRE TREATMENT', 'AX T1 NO FS', 'T1 without FS'],
  ...['T1 with FS', 'T1 WITH MOTION CORRECTION', 'T1 avec FS', 'T1 mit FS', 'T1 C-SPINE', 'T1 SAG C SPINE'],
  ...['T1 POST PROCESSED', 'T1 post treatment', 'T1 SENSE', 't1_spc', 'T1 basal ganglia', 'T1 for stealth'],
];

const given = [
  ...[
    'T1 C+',
    'T1 +C',
    'T1 C(+)',
    'T1 nach KM',
    'T1 mit KM',
    'T1_KM',
    't1_fl2d_tra_KM',
    'T1 avec gado',
    'T1 c/c',
  ],
  ...[
    'T1 con mdc',
    'T1 com contraste',
    'T1 w/ contrast',
    'T1 WITH',
    'T1 efter kontrast',
    'T1 na contrast',
    'CE-T1',
  ],
  ...[
    'T1 apres injection',
    'T1 pós contraste',
    'T1 POST DOUBLE DOSE',
    'T1 iv contrast',
    'T1 VIBE KM cor',
    'T1-CE',
  ],
  ...['t1_space_sag_km_fs', 'T1 SE GD 10ML', 'T1 post Gd sag fs', 'T1 late enhanced'],
];

describe('what a description says of contrast agent', () => {
  it.each(without)('“%s”: none was given', (name) => expect(guessOf(name)).toMatch(/^t1 high$/));
  it.each(unclear)('“%s”: not clear', (name) => expect(guessOf(name)).toMatch(/^t1(ce)? low$/));
  it.each(ofSomethingElse)('“%s”: nothing', (name) => expect(guessOf(name)).toMatch(/^t1 low$/));
  it.each(given)('“%s”: it was given', (name) => expect(guessOf(name)).toBe('t1ce high'));

  it('names the word that makes it unclear', () => {
    const { reasons } = guessSequence({ ...spinEcho, seriesDescription: 'T1 ante KM' });
    expect(reasons.at(-1)).toBe('but “ante” beside it may mean that none was given');
  });

  it('is trusted no more than half where the attribute says so and the words do not', () => {
    const facts = { ...spinEcho, seriesDescription: 'T1 ante KM', contrastAgent: 'Dotarem' };
    expect(guessSequence(facts)).toMatchObject({ contrast: 't1ce', confidence: 'medium' });
  });
});

describe('sequences that share a name', () => {
  const gradient = (echoTime: number, seriesDescription: string) =>
    guessSequence({
      ...spinEcho,
      ...{ scanningSequence: ['GR'], repetitionTime: 300, echoTime, seriesDescription },
    });

  it.each(['t1_fl2d_tra', 't1_fl2d_sag', 'T1 GRE', 'T1 FFE', 'T1 FLASH 2D'])('“%s” is a T1', (name) =>
    expect(gradient(2.46, name)).toMatchObject({ contrast: 't1' }),
  );

  it('FLASH without a weighting goes by its echo time', () => {
    expect(gradient(2.46, 'fl2d_tra')).toMatchObject({ contrast: 't1', confidence: 'low' });
    expect(gradient(20, 'fl2d_tra')).toMatchObject({ other: 'susceptibility or T2*', confidence: 'medium' });
    expect(gradient(20, 't2_fl2d_tra')).toMatchObject({ other: 'susceptibility or T2*', confidence: 'high' });
  });

  it('dose is no report, and a field map is one by its ImageType', () => {
    expect(gradient(3, 'T1 POST HALF DOSE')).toMatchObject({ contrast: 't1ce' });
    const map = { ...spinEcho, imageType: ['ORIGINAL', 'PRIMARY', 'FIELD_MAP'], seriesDescription: 'B0' };
    expect(guessSequence(map)).toMatchObject({ contrast: 'other' });
  });

  it('knows a FLAIR whose scanning sequence is IR alone', () => {
    const facts = { scanningSequence: ['IR'], repetitionTime: 4800, echoTime: 387, inversionTime: 1650 };
    expect(guessSequence({ ...spinEcho, ...facts })).toMatchObject({
      contrast: 'flair',
      confidence: 'medium',
    });
  });
});
