import { UtadError } from '../../src/base/errors.js';
import { type GoldenRow, runGolden } from './compare.js';

const path = process.argv[2];
if (path === undefined) {
  console.error('usage: npm run golden -- <path of a golden file without its ending>');
  process.exitCode = 2;
} else {
  try {
    const judged = await runGolden(path, 'float64');
    const single = new Map((await runGolden(path, 'float32')).map((row) => [row.group, row]));
    console.log('     group                      error              float64   limit     float32');
    for (const row of judged) console.log(showRow(row, single.get(row.group)!));
    const failed = [...judged, ...single.values()].filter(({ error, limit }) => !(error <= limit));
    const leftOut = judged.reduce((sum, row) => sum + (row.leftOut ?? 0), 0);
    if (leftOut > 0)
      console.log(
        `${leftOut} weights left out: their gradient is zero within its limit, so Adam's sign is open`,
      );
    for (const { group, error } of failed) console.log(`FAIL ${group}: ${error.toExponential(2)}`);
    console.log(`${judged.length} groups, ${failed.length} beyond their limits`);
    process.exitCode = failed.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UtadError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

function showRow({ group, kind, error, limit }: GoldenRow, single: GoldenRow): string {
  const mark = error <= limit && single.error <= single.limit ? 'ok  ' : 'FAIL';
  const columns = [error, limit, single.error].map((value) => value.toExponential(2).padEnd(10));
  return `${mark} ${group.padEnd(26)} ${`largest ${kind}`.padEnd(18)} ${columns.join('')}`;
}
