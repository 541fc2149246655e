/** What an examination found out about a device. */
export interface DeviceReport {
  /** The name a person would choose it by: `cpu`, `webgpu`, … */
  readonly name: string;
  /** Whether it opens and runs a program at all. */
  readonly available: boolean;
  /** Whether it computes as the reference does; null where that was not tried. */
  readonly passed: boolean | null;
  /** Largest difference from the reference, relative to the largest value; null where that was not tried. */
  readonly maxError: number | null;
  /** Time of a small piece of training; null where it was not measured. */
  readonly milliseconds: number | null;
  /** Why it does not serve; null where it does. */
  readonly reason: string | null;
}

/** The device to use, and what is known about each. */
export interface DeviceChoice {
  readonly serves: string;
  readonly backends: readonly DeviceReport[];
}

/**
 * The one rule by which a device is chosen: of those that compute as the reference does, the fastest. A software
 * renderer passes as a graphics card and computes rightly, but is slower than the CPU.
 *
 * @param reports of the CPU, which always serves, and of other devices
 */
export function chooseDevice(reports: readonly DeviceReport[]): DeviceChoice {
  const time = (report: DeviceReport): number => report.milliseconds ?? Number.POSITIVE_INFINITY;
  const usable = reports.filter(({ available, passed }) => available && passed === true);
  const best = usable.reduce<DeviceReport | undefined>(
    (fastest, report) => (fastest === undefined || time(report) < time(fastest) ? report : fastest),
    undefined,
  );
  const serves = best?.name ?? 'cpu';
  return {
    serves,
    backends: reports.map((report) => ({
      ...report,
      reason: report.reason ?? (report.name === serves ? null : slower(report, serves, best)),
    })),
  };
}

function slower(report: DeviceReport, serves: string, best: DeviceReport | undefined): string {
  if (best?.milliseconds == null || report.milliseconds === null) return `${serves} serves`;
  return `slower than ${serves}: ${report.milliseconds.toFixed(0)} against ${best.milliseconds.toFixed(0)} ms`;
}
