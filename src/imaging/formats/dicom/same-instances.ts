import { groupBy } from '../../../base/group-by.js';
import { DataSet } from './dicom-data-set.js';
import type { DicomInstance } from './instance.js';
import { listSome, type SliceProblem } from './plan-slices.js';

/** Instances of which none is a copy of another. */
interface DifferentInstances {
  readonly different: readonly DicomInstance[];
  /** The files that hold the same as an instance, byte for byte. */
  readonly copies: ReadonlyMap<DicomInstance, readonly string[]>;
}

/** Keeps the first of instances whose files are equal, byte for byte. */
export function withoutCopies(instances: readonly DicomInstance[]): DifferentInstances {
  const groups = groupBy(
    instances,
    ({ sopInstanceUid, contentHash }) => `${sopInstanceUid ?? ''} ${contentHash}`,
  );
  const firsts = [...groups.values()].map(([first, ...others]) => [first!, others] as const);
  return {
    different: firsts.map(([first]) => first),
    copies: new Map(
      firsts.flatMap(([first, others]) =>
        others.length === 0 ? [] : [[first, others.map(({ file }) => file)] as const],
      ),
    ),
  };
}

/** Says which files were left out as copies. */
export function copiesNote(files: readonly string[]): string {
  return files.length === 1
    ? `1 file is a copy of another and was left out: ${files[0]}`
    : `${files.length} files are copies of others and were left out: ${listSome(files)}`;
}

/** Different images under one SOPInstanceUID: one of them is not what it says. */
export function findContradiction(instances: readonly DicomInstance[]): SliceProblem | undefined {
  const named = instances.filter(({ sopInstanceUid }) => sopInstanceUid !== undefined);
  const several = [...groupBy(named, ({ sopInstanceUid }) => sopInstanceUid!).values()].find(
    (group) => group.length > 1,
  );
  if (!several) return undefined;
  return {
    kind: 'duplicate-slices',
    expected: 'a SOPInstanceUID of its own for each image',
    got: `different images under one: ${listSome(several.map(({ file }) => file))}`,
    todo: 'Leave the wrong ones out, or export the series again.',
  };
}

/** What files of one series share: its UID, or what else says so in files that have none. */
export function keyOfSeries(instance: DicomInstance): string {
  const { studyInstanceUid, seriesInstanceUid, seriesNumber, frameOfReferenceUid, facts, file } = instance;
  if (seriesInstanceUid !== undefined) return JSON.stringify([studyInstanceUid, seriesInstanceUid]);
  const copied = new DataSet(new Map(instance.copied.map((one) => [one.tag, one])), true, file);
  const { seriesDescription, protocolName, sequenceName } = facts;
  return JSON.stringify([
    studyInstanceUid,
    ...[copied.text('PatientID'), copied.text('PatientName'), copied.text('StudyDate')],
    ...[seriesNumber, frameOfReferenceUid, seriesDescription, protocolName, sequenceName],
    // Patients whose names are gone as well lie, in all likelihood, in folders of their own.
    file.replace(/[^\\/]*$/, ''),
  ]);
}
