import type { DataSetOptions } from './data-set.js';

/** What `--map`, `--labels` and `--include-synthetic` say, as the command line or a run gives it. */
export interface DataSetFlags {
  readonly map?: string | undefined;
  readonly labels?: string | undefined;
  readonly includeSynthetic?: boolean | undefined;
}

/** The options of a data set among others, without those that were not given. */
export function dataSetOptions({ map, labels, includeSynthetic }: DataSetFlags): DataSetOptions {
  return {
    ...(map === undefined ? {} : { map }),
    ...(labels === undefined ? {} : { labels }),
    ...(includeSynthetic ? { includeSynthetic } : {}),
  };
}
