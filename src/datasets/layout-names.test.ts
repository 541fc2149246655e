import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bidsLabels, bidsNameOf, bidsPath, showBidsName } from './bids-name.js';
import { fileSafe, outputLayout } from './output-layout.js';
import { outputLayouts } from './output-layout-name.js';
import { readBidsName } from './read-bids-name.js';
import { readVolumeName } from './read-volume-name.js';

const modalities = ['t1', 't1ce', 't2', 'flair'];
const fileOf = (path: string): string => `${path.split('/').at(-1)!}.nii.gz`;
const plainId = fc.stringMatching(/^[a-zA-Z0-9]{1,12}$/);

/** No words about contrast agent, which leave it open what a T1 is. */
const patientId = fc.stringMatching(/^[A-Z]{1,2}[0-9]{1,9}$/);

/** The modality that a reader of a layout finds in a file's name. */
const readers = {
  brats: (name: string, id: string) => {
    const found = readVolumeName(name, { id });
    return found.kind === 'modality' ? found.modality : undefined;
  },
  bids: (name: string) => {
    const parts = bidsNameOf(name);
    const found = parts && readBidsName(parts);
    return found?.kind === 'modality' ? found.modality : undefined;
  },
};

describe.each(outputLayouts)('names of the layout %s', (name) => {
  it('are read as what they were written for', () => {
    fc.assert(
      fc.property(patientId, fc.constantFrom(...modalities), (id, modality) => {
        expect(readers[name](fileOf(outputLayout(name, false).scan(id, modality)), id)).toBe(modality);
      }),
    );
  });

  it('keep synthetic volumes and spreads from being read as scans', () => {
    const layout = outputLayout(name, false);
    for (const modality of modalities)
      for (const path of [layout.synthetic('p01', modality), layout.spread('p01', modality)])
        expect(readers[name](fileOf(path), 'p01')).toBe(undefined);
  });
});

describe('names of BIDS', () => {
  it('say subject and session again, as folder and as entities', () => {
    fc.assert(
      fc.property(
        plainId,
        fc.option(plainId, { nil: undefined }),
        fc.constantFrom(...modalities),
        (subject, session, modality) => {
          const id = session === undefined ? `sub-${subject}` : `sub-${subject}_ses-${session}`;
          const path = bidsPath(id, modality);
          const parts = bidsNameOf(fileOf(path))!;
          expect(bidsLabels(id)).toEqual({ subject, session });
          expect([parts.entities['sub'], parts.entities['ses']]).toEqual([subject, session]);
          expect(path.split('/').slice(0, -2)).toEqual(
            session === undefined ? [`sub-${subject}`] : [`sub-${subject}`, `ses-${session}`],
          );
        },
      ),
    );
  });

  it('are written as they were read', () => {
    for (const name of [
      'sub-01_T1w.nii.gz',
      'sub-01_ses-2_space-MNI_ce-gadolinium_T1w.nii',
      'sub-x_desc-synthetic_FLAIR.json',
      'dseg.tsv',
    ])
      expect(showBidsName(bidsNameOf(name)!)).toBe(name);
  });

  it('are those of the standard', () => {
    const { scan, synthetic, spread } = outputLayout('bids', false);
    expect(scan('p-01_ses-2', 't1ce')).toBe('sub-p01/ses-2/anat/sub-p01_ses-2_ce-gadolinium_T1w');
    expect(synthetic('sub-7', 'flair')).toBe('sub-7/anat/sub-7_desc-synthetic_FLAIR');
    expect(spread('sub-7', 't1ce')).toBe('sub-7/anat/sub-7_ce-gadolinium_desc-spread_T1w');
    expect(scan('sub-7', 'adc')).toBe('sub-7/anat/sub-7_adc');
    expect(() => scan('–', 't1')).toThrow('–: expected a name with letters or digits');
  });
});

describe('names of BraTS', () => {
  it('are those of its data sets', () => {
    const { scan, synthetic, spread } = outputLayout('brats', false);
    expect(scan('p01', 't1ce')).toBe('p01/p01_t1ce');
    expect(synthetic('p01', 't2')).toBe('p01/p01_t2-synthetic');
    expect(spread('p01', 't2')).toBe('p01/p01_t2-spread');
    expect(outputLayout('brats', true).synthetic('p01', 't2')).toBe('p01/p01_t2');
  });

  it('hold nothing that file systems stumble over', () => {
    expect(fileSafe('..a b/c:d é.1')).toBe('_a_b_c_d_é.1');
  });
});
