import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { sha256Of } from './checksum.node.js';

/** Which process of which machine something belongs to. */
export interface ProcessIdentity {
  /** Name of the machine, for people. */
  readonly host: string;
  /** Tells machines, their starts and their containers apart: processes of the same one see each other. */
  readonly machine: string;
  readonly pid: number;
  /** Tells starts of a machine apart; null where it is not known. */
  readonly boot: string | null;
  /** Tells machines apart whatever their start; null where it is not known, as in most containers. */
  readonly installation: string | null;
  /** When the process began, in the machine's own count: numbers of processes come again. Null where it is not known. */
  readonly started: string | null;
}

let known: ProcessIdentity | undefined;

/** This process. */
export function thisProcess(): ProcessIdentity {
  const host = hostname();
  const [boot, installation] = ['/proc/sys/kernel/random/boot_id', '/etc/machine-id'].map(textOf) as [
    string,
    string,
  ];
  known ??= {
    host,
    machine: shortHash(host, boot, pidNamespace()),
    boot: boot === '' ? null : shortHash(boot),
    installation: installation === '' ? null : shortHash(installation),
    pid: process.pid,
    started: startOf(process.pid),
  };
  return known;
}

function shortHash(...texts: readonly string[]): string {
  return sha256Of(...texts).slice(0, 8);
}

/** Whether a process of this machine is there, suspended ones included. @param started null takes any of its number */
export function isRunning(pid: number, started: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const found = startOf(pid);
  return started === null || found === null || found === started;
}

/** When a process of this machine began; null where the system does not say, or there is none. */
function startOf(pid: number): string | null {
  // What stands after the name, which may hold anything: state, parent, … and as the 20th the start in clock ticks.
  const facts = textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ');
  return facts?.[19] ?? null;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Containers of one machine number their processes anew. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
