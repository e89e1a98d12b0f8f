/** `groundhog bugs`: the failures that were kept, and whether they still fail. */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { HANG_MS } from '../explore/runner.ts';
import { type BugState, type KeptBug, keptBugs, noteState, storyOfBug } from '../tell/bugs.ts';
import { pc } from '../tell/colour.ts';
import { quoted } from '../tell/replay-command.ts';
import { counted } from '../tell/words.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';
import { madeAgain, openRecorded } from './recorded.ts';
import { userMessage } from './user-error.ts';

export interface BugsOptions {
  readonly json?: boolean;
}

/** A bug as it is now, and what else there is to say: why that is not known, or what it is now. */
interface Judged {
  readonly kept: KeptBug;
  readonly reason: string | undefined;
}

export async function bugs({ json }: BugsOptions): Promise<number> {
  const kept = keptBugs();
  const interrupted = onInterrupt();
  const judged: Judged[] = [];
  for (const bug of kept) {
    if (interrupted.signal.aborted) break;
    const one = await judge(bug);
    judged.push(one);
    if (!json) process.stdout.write(`${bugText(one)}\n`);
  }
  interrupted.dispose();
  if (json) process.stdout.write(`${JSON.stringify({ bugs: judged.map(jsonOf) })}\n`);
  else process.stdout.write(`${summary(kept.length, judged)}\n`);
  return interrupted.signal.aborted ? EXIT.interrupted : EXIT.passed;
}

/** Runs its story again. */
async function judge(kept: KeptBug): Promise<Judged> {
  const file = storyOfBug(kept);
  const noted = (state: BugState, reason?: string): Judged => ({
    kept: noteState(kept, state, new Date()),
    reason,
  });
  if (!existsSync(file)) return noted('unclear', `there is no file ${shown(file)}`);
  try {
    const recorded = await openRecorded(file);
    const { run } = await madeAgain(recorded, HANG_MS);
    const { verdict, failure, reason } = run.result;
    if (failure === undefined) {
      return verdict === 'passed' ? noted('passes') : noted('unclear', reason);
    }
    const { signature } = failure;
    if (signature !== recorded.was.failure?.signature) return noted('fails otherwise', signature);
    if (signature === kept.bug.signature) return noted('fails');
    return noted('fails', `that is its signature by an earlier groundhog; it is now: ${signature}`);
  } catch (error) {
    const message = userMessage(error);
    if (message === undefined) throw error;
    return noted('unclear', message);
  }
}

function bugText({ kept, reason }: Judged): string {
  const { scenario, signature, state, firstSeen, lastSeen, timesSeen, groundhog } = kept.bug;
  const colour = {
    fails: pc.red,
    passes: pc.green,
    'fails otherwise': pc.yellow,
    unclear: pc.yellow,
  };
  const lines = [
    `${colour[state](STATES[state].padEnd(WIDTH))}  ${scenario}  ${signature}`,
    ...(reason === undefined ? [] : [indented(reason)]),
    indented(
      `seen ${counted(timesSeen, 'time')}, first ${minute(firstSeen)}, last ${minute(lastSeen)} ` +
        `by groundhog ${groundhog}`,
    ),
    indented(`npx groundhog replay ${quoted(shown(storyOfBug(kept)))}`),
  ];
  return `${lines.join('\n')}\n`;
}

const STATES: { readonly [State in BugState]: string } = {
  fails: 'still fails',
  passes: 'passes now',
  'fails otherwise': 'fails otherwise',
  unclear: 'not known',
};
const WIDTH = 15;

function indented(text: string): string {
  return `${' '.repeat(WIDTH)}  ${text}`;
}

/** `2026-11-21 15:54`, in UTC. */
function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function summary(all: number, judged: readonly Judged[]): string {
  if (all === 0) return 'no bugs are kept in .groundhog/bugs: `groundhog run` keeps those it finds';
  const failing = judged.filter(({ kept }) => kept.bug.state === 'fails').length;
  const left = all - judged.length;
  const rest = left === 0 ? '' : `, ${left} not run`;
  return `${counted(all, 'bug')}: ${failing} still ${failing === 1 ? 'fails' : 'fail'}${rest}`;
}

function jsonOf({ kept, reason }: Judged): object {
  const story = shown(storyOfBug(kept));
  const { story: _, ...bug } = kept.bug;
  return { ...bug, reason: reason ?? null, story, replay: `npx groundhog replay ${quoted(story)}` };
}

function shown(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
