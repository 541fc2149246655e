/** What the level `group` writes. */
export const groupFiles = { table: 'group_volumes.tsv', summary: 'group_summary.json' } as const;
