import { noticeColours } from '../terminal/colours.js';

/** Says on the error stream what a person should know of results that are there all the same. */
export function warn(text: string): void {
  console.error(`${noticeColours.yellow('warning')}: ${text}`);
}
