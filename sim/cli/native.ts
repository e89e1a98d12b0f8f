/** `groundhog native`: a native program under every schedule, or under many. */
import { setImmediate as turn } from 'node:timers/promises';
import {
  type FiberStrategy,
  fiberPrograms,
  type SearchState,
  searchFibers,
  unavailable,
} from '../../native/index.ts';
import { pc } from '../tell/colour.ts';
import { count, counted, seconds } from '../tell/words.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { EXIT, UsageError } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { statusView } from './progress.ts';

export interface NativeCommandOptions {
  readonly strategy: FiberStrategy;
  readonly preemptions?: number;
  readonly runs?: number;
  readonly seed?: number;
  /** Real ms, for each program. */
  readonly budget: number;
  readonly json?: boolean;
}

/** One program in `--json`. */
export interface NativeJson {
  readonly program: string;
  readonly strategy: FiberStrategy;
  readonly seed: number;
  readonly verdict: string;
  readonly message: string;
  readonly runs: number;
  /** Of them: given up, since what they would become was seen before. */
  readonly pruned: number;
  /** There are no other runs. */
  readonly complete: boolean;
  readonly wallMs: number;
}

const RUNS_AT_ONCE = 500;
const SEED = 1;

/** Without a program, their names. Exit code 0 when no run failed, 1 when one did. */
export async function native(
  programs: readonly string[],
  options: NativeCommandOptions,
): Promise<number> {
  const missing = unavailable();
  if (missing !== undefined) throw new UsageError(missing);
  if (programs.length === 0) return list(options.json === true);
  for (const program of programs) mustBeKnown(program);
  if (options.preemptions !== undefined && options.strategy !== 'dfs') {
    throw new UsageError(`--preemptions goes with --strategy dfs, not ${options.strategy}`);
  }
  const interrupted = onInterrupt();
  const results: NativeJson[] = [];
  try {
    for (const program of programs) {
      if (interrupted.signal.aborted) break;
      const result = await searched(program, options, interrupted.signal);
      results.push(result);
      if (!options.json) process.stdout.write(`${inWords(result)}\n`);
    }
  } finally {
    interrupted.dispose();
  }
  if (options.json) process.stdout.write(`${JSON.stringify(results)}\n`);
  if (interrupted.signal.aborted) return EXIT.interrupted;
  return results.some(({ verdict }) => verdict !== 'passed') ? EXIT.violated : EXIT.passed;
}

function list(json: boolean): number {
  const names = fiberPrograms();
  process.stdout.write(json ? `${JSON.stringify(names)}\n` : `${names.join('\n')}\n`);
  return EXIT.passed;
}

function mustBeKnown(program: string): void {
  const known = fiberPrograms();
  if (known.includes(program)) return;
  const hint = didYouMean(program, known);
  throw new UsageError(
    `no native program is named '${program}'${hint}; \`groundhog native\` lists them`,
  );
}

async function searched(
  program: string,
  { strategy, preemptions, seed = SEED, runs = Infinity, budget, json }: NativeCommandOptions,
  signal: AbortSignal,
): Promise<NativeJson> {
  const view = statusView(program, json === true);
  const began = performance.now();
  const how = { strategy, seed, ...(preemptions !== undefined && { preemptionsMax: preemptions }) };
  let state: SearchState | undefined;
  let wallMs = 0;
  for (state of searchFibers(program, how, Math.min(runs, RUNS_AT_ONCE))) {
    wallMs = performance.now() - began;
    const share = Math.min(1, Math.max(state.runs / runs, wallMs / budget));
    view.update({ share, words: counted(state.runs, 'run'), wallMs });
    await turn();
    if (signal.aborted || wallMs >= budget || state.runs >= runs) break;
  }
  view.done();
  const { verdict, message, runs: made, pruned, complete } = state!;
  return { program, strategy, seed, verdict, message, runs: made, pruned, complete, wallMs };
}

function inWords(result: NativeJson): string {
  const { program, strategy, seed, verdict, message, runs, complete, wallMs } = result;
  const isDrawn = strategy === 'pct' || strategy === 'random';
  const how = isDrawn ? `${strategy}, seed ${seed}` : strategy;
  if (verdict !== 'passed') {
    return `${pc.red('✗')} ${program}: ${verdict}: ${message}; run ${count(runs)} (${how})`;
  }
  const which = complete ? `all ${counted(runs, 'run')} that there are` : counted(runs, 'run');
  return `${pc.green('✓')} ${program}: passed in ${which} (${how}, ${seconds(wallMs)})`;
}
