/** `groundhog debug`: a time-travel shell over one run, from a seed, a story or a recorded run. */
import { findTarget, loadTarget, type Target } from '../../campaign/targets.ts';
import { Inspection } from '../../debug/inspect.ts';
import { Journey } from '../../debug/journey.ts';
import type { RouteOptions } from '../../debug/route.ts';
import { WorldSubject } from '../../explore/world-run.ts';
import { UsageError } from '../exit.ts';
import { checkedSeed, type HowOptions, hangMsOf } from '../how.ts';
import { onInterrupt } from '../interrupt.ts';
import { isRecorded, openRecorded } from '../recorded.ts';
import { resultLines } from './answer-text.ts';
import type { Patience, Session } from './session.ts';
import { shell } from './shell.ts';
import { serve } from './socket.ts';

export interface DebugOptions extends HowOptions {
  readonly seed?: string;
  /** On this port, or any. */
  readonly listen?: number | true;
}

export async function debug(name: string, options: DebugOptions): Promise<number> {
  const { target, route } = isRecorded(name) ? await fromFile(name) : await fromSeed(name, options);
  const patience: Patience = { isOver: false };
  const pace = { hangMs: hangMsOf(options), stopped: () => patience.isOver };
  const journey = await Journey.open(route, pace);
  const inspection = new Inspection();
  const session: Session = { journey, inspection, patience };
  const code = await talk(session, target.ref.name, options);
  await journey.close();
  await inspection.close();
  return code;
}

async function talk(session: Session, subject: string, { listen }: DebugOptions): Promise<number> {
  if (listen === undefined) {
    const { result } = session.journey.course;
    const [first, ...more] = resultLines(result);
    const lines = [`${subject}: seed ${result.seed} ${first}`, ...more];
    process.stdout.write(`${lines.join('\n')}\n`);
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

interface Opened {
  readonly target: Target;
  readonly route: Omit<RouteOptions, 'changes'>;
}

async function fromSeed(name: string, options: DebugOptions): Promise<Opened> {
  if (options.seed === undefined) {
    throw new UsageError(`say which run: groundhog debug ${name} --seed S`);
  }
  const target = await loadTarget(await findTarget(name, process.cwd()), 'open');
  const seed = checkedSeed(options.seed);
  const { strategy, faults } = options;
  return { target, route: { subject: worldOf(target), spec: { seed, strategy, faults } } };
}

async function fromFile(file: string): Promise<Opened> {
  const { target, spec, decisions } = await openRecorded(file, 'open');
  return { target, route: { subject: worldOf(target), spec, decisions: decisions.record } };
}

function worldOf({ ref, subject }: Target): WorldSubject {
  if (subject instanceof WorldSubject) return subject;
  throw new UsageError(`${ref.name} runs in no world: there is nothing to travel in`);
}
