/**
 * `npm start`: what Groundhog does, in half a minute: a real distributed algorithm and a real npm
 * package explored, their planted and known bugs found, shrunk and replayed. With a file of the
 * user's, that file instead.
 */
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Workers } from '../campaign/explore.ts';
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { Replay } from '../choice/replay.ts';
import { runOne } from '../explore/runner.ts';
import { pc } from '../tell/colour.ts';
import { failureText, verdictInColour } from '../tell/failure-text.ts';
import { replayCommand } from '../tell/replay-command.ts';
import { type Story, storyOf, WHILE_WAITING } from '../tell/story.ts';
import { count, duration, seconds } from '../tell/words.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { run, runRange } from './run.ts';
import type { TargetRun } from './target-run.ts';

const HOW = { strategy: 'random' } as const;
const EXPLORE_MS = 5_000;
/** A canary stops at its first failure, long before. */
const CANARY_MS = 30_000;
const SEEDS = { from: 1, to: 1_000_000 };

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

const SHOWN: readonly { readonly name: string; readonly expect: 'passed' | 'violated' }[] = [
  { name: 'register', expect: 'passed' },
  { name: 'register-no-write-back', expect: 'violated' },
  { name: 'bank', expect: 'passed' },
  { name: 'bank-no-fencing', expect: 'violated' },
  { name: './scenarios/npm/async-mutex-0.3.2.mjs', expect: 'violated' },
];

interface Row {
  readonly run: TargetRun;
  readonly expect: 'passed' | 'violated';
  readonly held: boolean;
  /** Its story's run, made again, was the same. */
  readonly replays: boolean;
}

/** Exit code 0 when every expectation held, 3 when a story did not replay. */
export async function start(files: readonly string[]): Promise<number> {
  if (files.length > 0) return run(files, { ...HOW, shrink: true, record: 'decisions' });
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const workers = new Workers();
  const rows: Row[] = [];
  for (const { name, expect } of SHOWN) {
    if (signal.aborted) break;
    const target = await loadTarget(await findTarget(name, CHECKOUT));
    const budget = expect === 'passed' ? EXPLORE_MS : CANARY_MS;
    const explored = await runRange(target, SEEDS, workers, { ...HOW, budget, signal });
    const held = explored.verdict === expect;
    process.stdout.write(`${line(explored, held)}\n`);
    const replays = explored.explored.tally.failures.length === 0 || (await tell(explored));
    rows.push({ run: explored, expect, held, replays });
  }
  await workers.close();
  interrupted.dispose();
  process.stdout.write(`\n${tableOf(rows)}\n${NEXT}`);
  if (interrupted.signal.aborted) return EXIT.interrupted;
  return codeOf(rows);
}

export function codeOf(rows: readonly Pick<Row, 'held' | 'replays'>[]): number {
  if (rows.some(({ replays }) => !replays)) return EXIT.diverged;
  return rows.every(({ held }) => held) ? EXIT.passed : EXIT.violated;
}

function line({ target, explored, verdict }: TargetRun, held: boolean): string {
  const sign = held ? pc.green('✓') : pc.red('✗');
  const { tally, wallMs } = explored;
  return `${sign} ${pc.bold(target.ref.name)} ${verdictInColour(verdict)}: ${count(tally.runs)} seeds in ${seconds(wallMs)}`;
}

/** Tells the first failure's story; whether it replays. */
async function tell({ target, explored }: TargetRun): Promise<boolean> {
  const { seed, verdict } = explored.tally.failures[0]!;
  const failed = await runOne(target.subject, { seed, ...HOW });
  const story = await storyOf(target.subject, failed, WHILE_WAITING);
  if (story === undefined) return failed.result.verdict === verdict;
  const found = { story, kept: undefined };
  process.stdout.write(`\n${failureText(target.ref.name, story.shrunk.result, found)}\n\n`);
  const { digest } = story.shrunk.result;
  const again = await digestAgain(target, story);
  const same = again === digest;
  const words = same ? 'the same run, digest' : `another run, digest ${again} and not`;
  process.stdout.write(`  replayed: ${words} ${digest}\n`);
  process.stdout.write(`  ${replayCommand(target.ref, seed, HOW)}\n\n`);
  return same;
}

async function digestAgain(target: Target, { failing, shrunk }: Story): Promise<string> {
  const replay = new Replay(shrunk.record);
  const { result } = await runOne(target.subject, { ...failing.spec, plan: shrunk.plan, replay });
  return result.digest;
}

function tableOf(rows: readonly Row[]): string {
  const table = new Table({
    head: ['', 'expected', 'verdict', 'seeds', 'seeds/s', 'virtual time'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { run: one, expect, held } of rows) {
    const { tally, wallMs } = one.explored;
    const verdict = held ? pc.green(one.verdict) : pc.red(one.verdict);
    table.push([
      one.target.ref.name,
      expect,
      verdict,
      count(tally.runs),
      count(tally.runs / (wallMs / 1000)),
      duration(tally.virtualUs / 1000),
    ]);
  }
  return table.toString();
}

const NEXT = `
What to do next:
  npm start -- ./your-file.mjs        explore a file of your own, as it is
  npx groundhog init                  write a first scenario and its test
  npx groundhog run register          explore one scenario longer; --help shows more
`;
