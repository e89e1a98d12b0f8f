/** `groundhog debug`: a time-travel shell over one run, from a seed, a story or a recorded run. */
import type { Target } from '../../campaign/targets.ts';
import { Inspection } from '../../debug/inspect.ts';
import { Journey } from '../../debug/journey.ts';
import { canTravelIn, type RouteOptions, type Travelled } from '../../debug/route.ts';
import { sinceRecorded, type Was } from '../../tell/since-recorded.ts';
import { UsageError } from '../exit.ts';
import { checkFaults, type HowAsked, hangMsOf, howFor } from '../how.ts';
import { onInterrupt } from '../interrupt.ts';
import { isRecorded, nothingBeside, openRecorded } from '../recorded.ts';
import { seedTarget } from '../seed-target.ts';
import { resultLines } from './answer-text.ts';
import type { Patience, Session } from './session.ts';
import { shell } from './shell.ts';
import { serve } from './socket.ts';

export interface DebugOptions extends HowAsked {
  readonly seed?: string;
  /** Options that were given, where they could be left out. */
  readonly given?: readonly string[];
  /** On this port, or any. */
  readonly listen?: number | true;
}

export async function debug(name: string, options: DebugOptions): Promise<number> {
  const opened = isRecorded(name) ? await fromFile(name, options) : await fromSeed(name, options);
  const patience: Patience = { isOver: false };
  const pace = { hangMs: hangMsOf(options), stopped: () => patience.isOver };
  const journey = await Journey.open(opened.route, pace);
  const inspection = new Inspection();
  const session: Session = { journey, inspection, patience };
  try {
    return await talk(session, opened, options);
  } finally {
    await journey.close();
    await inspection.close();
  }
}

async function talk(session: Session, opened: Opened, { listen }: DebugOptions): Promise<number> {
  const subject = opened.target.ref.name;
  if (listen === undefined) {
    process.stdout.write(`${greeting(session, opened).join('\n')}\n`);
    return shell(session, { input: process.stdin, output: process.stdout });
  }
  const { signal, dispose } = onInterrupt();
  const code = await serve(session, {
    subject,
    port: listen === true ? 0 : listen,
    signal,
    listening: (where) => process.stdout.write(`${JSON.stringify(where)}\n`),
  });
  dispose();
  return code;
}

function greeting({ journey: { course } }: Session, { target, was }: Opened): string[] {
  const { result, fit } = course;
  const [first, ...more] = resultLines(result);
  const since = was === undefined || fit === undefined ? [] : sinceRecorded(was, course, fit);
  return [
    `${target.ref.name}: seed ${result.seed} ${first}`,
    ...more,
    ...since.map((line) => `  ${line}`),
  ];
}

interface Opened {
  readonly target: Target;
  /** Of a file. */
  readonly was?: Was;
  readonly route: Omit<RouteOptions, 'changes'>;
}

async function fromSeed(name: string, options: DebugOptions): Promise<Opened> {
  const { target, seed } = await seedTarget('debug', name, options.seed, 'open');
  const { strategy, faults } = howFor(target.ref, options);
  checkFaults(target, faults);
  return { target, route: { subject: travelled(target), spec: { seed, strategy, faults } } };
}

async function fromFile(file: string, { given }: DebugOptions): Promise<Opened> {
  nothingBeside(file, given);
  const { target, spec, decisions, was } = await openRecorded(file, 'open');
  return { target, was, route: { subject: travelled(target), spec, decisions: decisions.record } };
}

function travelled({ ref, subject }: Target): Travelled {
  if (canTravelIn(subject)) return subject;
  throw new UsageError(
    `${ref.name} is neither in a world nor of threads: it cannot be travelled in`,
  );
}
