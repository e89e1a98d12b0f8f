/**
 * `groundhog live`: a scenario's roles as real processes, under `kill -9` where its faults include
 * crashes, judged by its own check.
 */

import { fileURLToPath } from 'node:url';
import { findTarget, loadTarget } from '../campaign/targets.ts';
import { hasCrashes } from '../fault/presets.ts';
import {
  type LiveEvent,
  type LiveNodeResult,
  type LiveResult,
  live,
  type OperationCounts,
} from '../live/index.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { pc } from '../tell/colour.ts';
import { failureText, verdictInColour } from '../tell/failure-text.ts';
import { optionTime, quoted } from '../tell/replay-command.ts';
import { count, counted, duration, seconds } from '../tell/words.ts';
import type { RunVerdict } from '../trace/run.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed, drawnSeed } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { statusView } from './progress.ts';

export interface LiveCommandOptions {
  /** Real ms. */
  readonly for: number;
  readonly seed?: string;
  readonly json?: boolean;
}

/** A live run in `--json`. */
interface LiveJson {
  readonly scenario: string;
  readonly seed: string;
  readonly verdict: RunVerdict;
  readonly failures: readonly LiveFailureJson[];
  readonly operations: OperationCounts;
  readonly kills: number;
  readonly restarts: number;
  readonly nodes: readonly LiveNodeResult[];
  readonly wallMs: number;
  readonly interrupted: boolean;
  /** Disks, journals and output; null when they were removed. */
  readonly directory: string | null;
}

interface LiveFailureJson {
  readonly verdict: RunVerdict;
  readonly property: string | null;
  readonly message: string;
  readonly details: string | null;
  readonly signature: string | null;
  readonly nodes: readonly string[];
}

export async function liveCommand(name: string, options: LiveCommandOptions): Promise<number> {
  const scenario = await scenarioOf(name);
  const seed = options.seed === undefined ? `${drawnSeed()}` : checkedSeed(options.seed);
  const json = options.json === true;
  if (options.seed === undefined && !json) process.stdout.write(`seed ${seed}\n`);
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const view = statusView(scenario.name, json);
  let share = 0;
  const onEvent = (event: LiveEvent): void => {
    if (event.node !== '' || event.kind === 'violation') return;
    share = event.share ?? share;
    const words = `${duration(share * options.for)} of ${duration(options.for)}, ${event.text}`;
    view.update({ share, words, wallMs: event.atMs });
  };
  let result: LiveResult;
  try {
    result = await live(scenario, { forMs: options.for, seed, signal, onEvent });
  } finally {
    view.done();
    interrupted.dispose();
  }
  process.stdout.write(
    json ? `${JSON.stringify(jsonOf(result))}\n` : textOf(result, scenario, options.for),
  );
  return result.interrupted ? EXIT.interrupted : EXIT[result.verdict];
}

async function scenarioOf(name: string): Promise<Scenario> {
  const ref = await findTarget(name, process.cwd());
  if (ref.kind === 'file') {
    throw new UsageError(
      `${name} is no scenario: live needs roles that name program files; ` +
        'plain files and experiments written as closures run in simulation only',
    );
  }
  const { scenario } = await loadTarget(ref);
  if (scenario === undefined) {
    throw new UsageError(
      `${name} is a program of threads: live needs roles that name program files`,
    );
  }
  return scenario;
}

function jsonOf(result: LiveResult): LiveJson {
  const { scenario, seed, verdict, operations, kills, restarts, nodes, wallMs } = result;
  const { interrupted, directory = null } = result;
  return {
    scenario,
    seed,
    verdict,
    failures: failuresOf(result),
    operations,
    kills,
    restarts,
    nodes,
    wallMs,
    interrupted,
    directory,
  };
}

function failuresOf({ verdict, failure, reason }: LiveResult): LiveFailureJson[] {
  if (verdict === 'passed') return [];
  const { property = null, message = reason ?? '', details = null } = failure ?? {};
  const { signature = null, nodes = [] } = failure ?? {};
  return [{ verdict, property, message, details, signature, nodes }];
}

function textOf(result: LiveResult, { faults }: Scenario, forMs: number): string {
  const { scenario, seed, verdict, directory } = result;
  const lines = [summary(result, faults), ...rolesOf(result.nodes)];
  const unseen = result.sometimes.filter(([, held]) => !held).map(([name]) => name);
  if (unseen.length > 0) lines.push(`  sometimes, but never seen: ${unseen.join(', ')}`);
  if (verdict === 'passed') return `${lines.join('\n')}\n`;
  const { failure } = result;
  const shown = failure && { ...failure, stack: failure.stack && ownFrames(failure.stack) };
  lines.push('', failureText(scenario, { ...result, strategy: 'live', failure: shown }));
  if (directory !== undefined) lines.push('', `  disks, journals and output in ${directory}`);
  const time = optionTime(forMs);
  lines.push('  no live run replays: look for it in simulation, or plan the same kills again', '');
  lines.push(`  npx groundhog run ${quoted(scenario)}`);
  lines.push(`  npx groundhog live ${quoted(scenario)} --for ${time} --seed ${quoted(seed)}`);
  return `${lines.join('\n')}\n`;
}

function summary(result: LiveResult, faults: FaultPreset): string {
  const { scenario, verdict, operations, kills, restarts, ...rest } = result;
  const { completed, failed, unknown } = operations;
  const outcomes = `${count(completed)} completed, ${count(failed)} failed, ${count(unknown)} unknown`;
  const storm = hasCrashes(faults)
    ? `${counted(kills, 'kill')}, ${counted(restarts, 'restart')}`
    : `no kills, since its faults are '${faults}',`;
  const how = rest.interrupted ? ', interrupted' : '';
  return (
    `${scenario}: ${verdictInColour(verdict)}  operations ${outcomes}; ${storm} ` +
    `in ${seconds(rest.wallMs)}${how}`
  );
}

/** `  replica: 5 nodes, 25 starts, 20 kills`. */
function rolesOf(nodes: readonly LiveNodeResult[]): string[] {
  return [...new Set(nodes.map(({ role }) => role))].map((role) => {
    const those = nodes.filter((node) => node.role === role);
    const starts = those.reduce((sum, node) => sum + node.starts, 0);
    const kills = those.reduce((sum, node) => sum + node.kills, 0);
    const parts = [counted(those.length, 'node'), counted(starts, 'start'), counted(kills, 'kill')];
    return pc.dim(`  ${role}: ${parts.join(', ')}`);
  });
}

/** The harness, whose frames say nothing of the program. */
const HARNESS = fileURLToPath(new URL('../', import.meta.url));

/** A stack without the frames of what runs programs. */
function ownFrames(stack: string): string {
  return stack
    .split('\n')
    .filter(
      (line) =>
        !(/^\s+at /.test(line) && (line.includes(HARNESS) || line.includes('node:internal/'))),
    )
    .join('\n');
}
