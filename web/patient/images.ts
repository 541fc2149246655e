import { startImageWorker } from '../work/workers.js';

/** The worker that reads, writes and compares; it lives as long as the page. */
export const images = startImageWorker();
