import { randomInt } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hasCrashes } from '../fault/presets.ts';
import { Scenario } from '../scenario/scenario.ts';
import { LiveError } from './live-error.ts';
import { type LiveEvent, LiveRun, type LiveRunOptions } from './live-run.ts';
import { AddressBlock } from './loopback.ts';
import { hostFile, placeOf } from './program-place.ts';
import type { LiveResult } from './result.ts';

export interface LiveOptions {
  /** Real ms under kills, or without. Default 10,000. */
  readonly forMs?: number;
  /**
   * How often a random minority of every role that serves is killed (of one or two nodes: one), each
   * node to be restarted within the same period. Default every 1,000 ms where the scenario's faults
   * include crashes, else none.
   */
  readonly kills?: { readonly everyMs: number } | 'none';
  /**
   * Of who is killed when, and of what programs draw. The same seed makes the same plans, not the
   * same run. Default: drawn, and in the result.
   */
  readonly seed?: string;
  /** Real ms that a node has to stop in once it is asked to. Default 2,000. */
  readonly graceMs?: number;
  /** A node that takes more real ms to show its state hangs, which decides nothing. Default 20,000. */
  readonly hangMs?: number;
  /**
   * Where disks, journals and output go: a folder that is empty or does not exist, and stays. By
   * default a temporary one, which is removed when the run has passed.
   */
  readonly directory?: string;
  /** `stderr`: what programs log appears there too. Default `journal`. */
  readonly log?: 'journal' | 'stderr';
  /** Told what happens, as it happens. */
  readonly onEvent?: (event: LiveEvent) => void;
  /** Ends the storm early; the run is then wound down and judged as usual. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a scenario's roles as real processes on loopback, with real disks and clocks, under `kill -9`
 * and restart; judges what they did by the scenario's own check. No process outlives it.
 *
 * Rejects with LiveError when the run cannot begin.
 */
export async function live(scenario: Scenario, options: LiveOptions = {}): Promise<LiveResult> {
  if (!(scenario instanceof Scenario)) {
    throw new LiveError('bad-scenario', 'live runs a scenario, made by scenario({ … })');
  }
  checkOptions(options);
  const { forMs = 10_000, graceMs = 2_000, hangMs = 20_000 } = options;
  const { kills = hasCrashes(scenario.faults) ? { everyMs: 1_000 } : 'none' } = options;
  const { log = 'journal', seed = `${randomInt(2 ** 40)}` } = options;
  const host = hostFile();
  const programs = new Map(
    [...scenario.roles].map(([role, { program }]) => [role, placeOf(program, scenario.file)]),
  );
  const block = await AddressBlock.claim();
  try {
    const isKept = options.directory !== undefined;
    const directory = isKept ? made(options.directory) : temporary(scenario);
    const hostsFile = join(directory, 'hosts');
    writeFileSync(hostsFile, '');
    let result: LiveResult | undefined;
    try {
      result = await played({
        scenario,
        programs,
        block,
        ground: {
          hostFile: host,
          directory,
          hostsFile,
          originNs: process.hrtime.bigint(),
          log,
          seed,
        },
        forMs,
        kills,
        graceMs,
        hangMs,
        onEvent: options.onEvent ?? (() => {}),
        signal: options.signal,
      });
    } finally {
      if (!isKept && (result === undefined || result.verdict === 'passed')) {
        rmSync(directory, { recursive: true });
      }
    }
    return isKept || result.verdict !== 'passed' ? result : { ...result, directory: undefined };
  } finally {
    block.release();
  }
}

async function played(options: LiveRunOptions): Promise<LiveResult> {
  const run = new LiveRun(options);
  const drop = (): void => run.drop();
  process.once('exit', drop);
  try {
    return await run.play();
  } finally {
    process.off('exit', drop);
  }
}

function checkOptions({ forMs, kills, graceMs, hangMs }: LiveOptions): void {
  const everyMs = typeof kills === 'object' ? kills.everyMs : undefined;
  const times = { forMs, graceMs, hangMs, everyMs };
  for (const [name, value] of Object.entries(times)) {
    if (value === undefined || (value > 0 && value < Infinity)) continue;
    throw new LiveError('bad-option', `${name} is more than 0, not ${value}`);
  }
}

function temporary({ name }: Scenario): string {
  return mkdtempSync(join(realpathSync(tmpdir()), `groundhog-live-${name}-`));
}

function made(directory: string): string {
  const path = resolve(directory);
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw new LiveError('bad-option', `the directory ${path} is not empty`);
  }
  mkdirSync(path, { recursive: true });
  return path;
}
