/** `groundhog debug`: a time-travel shell over one run, from a seed, a story or a recorded run. */
import type { Target } from '../../campaign/targets.ts';
import { Journey } from '../../debug/journey.ts';
import type { RouteOptions } from '../../debug/route.ts';
import { WorldSubject } from '../../explore/world-run.ts';
import { UsageError } from '../exit.ts';
import { type HowOptions, hangMsOf } from '../how.ts';
import { isRecorded, nothingBeside, openRecorded } from '../recorded.ts';
import { seedTarget } from '../seed-target.ts';
import { resultLines } from './answer-text.ts';
import { type Patience, shell } from './shell.ts';

export interface DebugOptions extends HowOptions {
  readonly seed?: string;
  /** Options that were given, where they could be left out. */
  readonly given?: readonly string[];
}

export async function debug(name: string, options: DebugOptions): Promise<number> {
  const { target, route } = isRecorded(name)
    ? await fromFile(name, options)
    : await fromSeed(name, options);
  const patience: Patience = { isOver: false };
  const pace = { hangMs: hangMsOf(options), stopped: () => patience.isOver };
  const journey = await Journey.open(route, pace);
  const { result } = journey.course;
  const [first, ...more] = resultLines(result);
  process.stdout.write(
    `${[`${target.ref.name}: seed ${result.seed} ${first}`, ...more].join('\n')}\n`,
  );
  const code = await shell(journey, {
    input: process.stdin,
    output: process.stdout,
    patience,
  });
  await journey.close();
  return code;
}

interface Opened {
  readonly target: Target;
  readonly route: Omit<RouteOptions, 'changes'>;
}

async function fromSeed(name: string, options: DebugOptions): Promise<Opened> {
  const { target, seed } = await seedTarget('debug', name, options.seed, 'open');
  const { strategy, faults } = options;
  return { target, route: { subject: worldOf(target), spec: { seed, strategy, faults } } };
}

async function fromFile(file: string, { given }: DebugOptions): Promise<Opened> {
  nothingBeside(file, given);
  const { target, spec, decisions } = await openRecorded(file, 'open');
  return { target, route: { subject: worldOf(target), spec, decisions: decisions.record } };
}

function worldOf({ ref, subject }: Target): WorldSubject {
  if (subject instanceof WorldSubject) return subject;
  throw new UsageError(`${ref.name} runs in no world: there is nothing to travel in`);
}
