/** How near shrinking comes to the smallest story: cases in which that is found by trying them all. */
import { Replay } from '../../choice/replay.ts';
import { runOne } from '../../explore/runner.ts';
import type { RunSpec, Subject } from '../../explore/subject.ts';
import { bodySubject } from '../../explore/test-world.ts';
import type { Failing } from '../../shrink/reduction.ts';
import { shrink } from '../../shrink/shrink.ts';
import { DecisionRecord } from '../../trace/record.ts';
import { firstFailure } from './first-failure.ts';
import { THREAD_MISTAKES } from './thread-mistakes.ts';

export interface SmallCase {
  readonly name: string;
  readonly subject: Subject;
  /** Decisions of the smallest story, by exhaustive search. */
  least(failing: Failing): Promise<number>;
}

export interface ShrunkCase {
  readonly name: string;
  readonly left: number;
  readonly least: number;
}

const SHRINK = { attemptsMax: 3_000, forMs: 30_000 };

export async function shrunkCase({ name, subject, least }: SmallCase): Promise<ShrunkCase> {
  const failing = await firstFailure(subject);
  const { record } = await shrink(subject, failing, SHRINK);
  return { name, left: record.count, least: await least(failing) };
}

/** Decisions left over the least; 1 is best. */
export function ratioOf({ left, least }: ShrunkCase): number {
  return left === least ? 1 : left / least;
}

/** Dice from 0 to `sides - 1`, which fail together in some ways and not in others. */
interface Dice {
  readonly name: string;
  readonly count: number;
  readonly sides: number;
  fails(dice: readonly number[]): boolean;
}

const sum = (dice: readonly number[]): number => dice.reduce((all, die) => all + die, 0);

const DICE: readonly Dice[] = [
  { name: 'a sum', count: 8, sides: 4, fails: (dice) => sum(dice) >= 9 },
  { name: 'three in a row', count: 8, sides: 3, fails: (dice) => /2,2,2/.test(String(dice)) },
  {
    name: 'two ways, the short one hidden',
    count: 7,
    sides: 3,
    fails: (dice) => sum(dice.slice(2)) >= 6 || (dice[0] === 2 && dice[1] === 2),
  },
  { name: 'an even number of odd ones', count: 8, sides: 2, fails: (dice) => sum(dice) === 4 },
  {
    name: 'all rise',
    count: 6,
    sides: 4,
    fails: (dice) => dice.slice(1).filter((die, i) => die > dice[i]!).length >= 3,
  },
];

function diceCase({ name, count, sides, fails }: Dice): SmallCase {
  const subject = bodySubject(name, { forMs: 1_000, faults: 'none' }, async ({ env }) => {
    const dice = Array.from({ length: count }, () =>
      env.random.integer('die', { min: 0, max: sides - 1 }),
    );
    for (const die of dice) await env.timers.sleep(die);
    env.always(name, !fails(dice));
  });
  const least = (): Promise<number> => {
    let fewest = count;
    for (let number = 0; number < sides ** count; number++) {
      const dice = Array.from(
        { length: count },
        (_, at) => Math.floor(number / sides ** at) % sides,
      );
      if (fails(dice)) fewest = Math.min(fewest, dice.filter((die) => die > 0).length);
    }
    return Promise.resolve(fewest);
  };
  return { name, subject, least };
}

/** Stories that are told by so many steps in some order, the smallest first. */
const STEPS_MAX = 3;

function threadsCase(subject: Subject): SmallCase {
  const least = async ({ record, result, spec }: Failing): Promise<number> => {
    const { signature } = result.failure!;
    for (let steps = 0; steps <= STEPS_MAX; steps++) {
      for (const order of orders(record.count, steps)) {
        const replay = new Replay(picked(record, order));
        const again: RunSpec = { ...spec, replay };
        const run = await runOne(subject, again);
        if (run.result.failure?.signature === signature) return steps;
      }
    }
    throw new Error(`${subject.name} needs more than ${STEPS_MAX} steps`);
  };
  return { name: subject.name, subject, least };
}

/** Every way to take `count` of so many, in order. */
function* orders(of: number, count: number): Generator<readonly number[]> {
  if (count === 0) {
    yield [];
    return;
  }
  for (const rest of orders(of, count - 1)) {
    for (let next = 0; next < of; next++) if (!rest.includes(next)) yield [...rest, next];
  }
}

function picked(record: DecisionRecord, order: readonly number[]): DecisionRecord {
  const few = new DecisionRecord();
  for (const entry of order) {
    few.push(
      record.kind(entry),
      record.site(entry),
      record.lo(entry),
      record.hi(entry),
      record.ordinal(entry),
      0,
      record.actor(entry),
      record.outcome(entry),
    );
  }
  return few;
}

const SEARCHED = ['account', 'lazy', 'two-stage', 'stack', 'recycled'];

export const SMALL_CASES: readonly SmallCase[] = [
  ...DICE.map(diceCase),
  ...THREAD_MISTAKES.filter(({ name }) => SEARCHED.includes(name)).map(threadsCase),
];
