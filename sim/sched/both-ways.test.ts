import { describe, expect, it } from 'vitest';
import { rootIdentity } from '../choice/identity.ts';
import { site } from '../choice/site.ts';
import type { Candidates, Strategy } from '../choice/strategy.ts';
import { guarded } from '../node/guard/guarded.ts';
import { DecisionRecord } from '../trace/record.ts';
import { Digest } from './digest.ts';
import { Kernel, type Owner, type Window } from './kernel.ts';
import { Lane } from './lane.ts';
import { inMacrotask } from './macrotask.ts';

/** Goes through every combination of answers, one run after another: the last that can, advances. */
class Odometer {
  private readonly answers: number[] = [];
  private readonly limits: number[] = [];
  private at = 0;

  choose(below: number): number {
    const at = this.at++;
    if (at === this.answers.length) {
      this.answers.push(0);
      this.limits.push(below);
    }
    return this.answers[at]!;
  }

  next(): boolean {
    this.at = 0;
    while (this.answers.length > 0) {
      const last = this.answers.length - 1;
      if (++this.answers[last]! < this.limits[last]!) return true;
      this.answers.pop();
      this.limits.pop();
    }
    return false;
  }
}

/** Answers from the odometer; windows are a few ns wide, so that every moment can be tried. */
class Exhaustive implements Strategy {
  readonly name = 'exhaustive';
  readonly scheduling: 'placed' | 'picked';
  private readonly odometer: Odometer;

  constructor(scheduling: 'placed' | 'picked', odometer: Odometer) {
    this.scheduling = scheduling;
    this.odometer = odometer;
  }

  momentNs(_lo: number, _hi: number, fromNs: number, toNs: number): number {
    return fromNs + this.odometer.choose(toNs - fromNs + 1);
  }
  priority(): number {
    return this.odometer.choose(4);
  }
  pick(candidates: Candidates): number {
    return this.odometer.choose(candidates.count);
  }
  branch(): number {
    return 0;
  }
  value(): number {
    return 0;
  }
}

const owner: Owner = {
  alive: true,
  uncaught(error) {
    throw error;
  },
  print() {},
};

const STEP = site('test.step');

/** Steps that note themselves; `then` makes more from within. */
type Story = (kernel: Kernel, note: (name: string) => { fire(): void }) => void;

function window(earliestNs: number, latestNs: number): Window {
  return { earliestNs, latestNs, spread: 'uniform' };
}

function runsOf(scheduling: 'placed' | 'picked', story: Story): Set<string> {
  const runs = new Set<string>();
  const odometer = new Odometer();
  do {
    const seen: string[] = [];
    const strategy = new Exhaustive(scheduling, odometer);
    const kernel = new Kernel(strategy, new DecisionRecord(), owner, new Digest());
    const root = rootIdentity('test', 0);
    kernel.enter(root.lo, root.hi, 0, 0, 0, STEP);
    story(kernel, (name) => ({ fire: () => seen.push(`${name}@${kernel.nowNs}`) }));
    kernel.run(Infinity, 1000);
    runs.add(seen.join(' '));
  } while (odometer.next());
  return runs;
}

function bothWays(story: Story): Promise<{ placed: Set<string>; picked: Set<string> }> {
  return inMacrotask(() =>
    guarded(() => ({ placed: runsOf('placed', story), picked: runsOf('picked', story) })),
  );
}

describe('placing steps and picking them reach the same runs', () => {
  it('of steps with overlapping and touching windows', async () => {
    const { placed, picked } = await bothWays((kernel, note) => {
      kernel.schedule(note('a'), undefined, STEP, 1, window(0, 2));
      kernel.schedule(note('b'), undefined, STEP, 2, window(1, 3));
      kernel.schedule(note('c'), undefined, STEP, 3, window(2, 2));
    });
    expect(picked).toEqual(placed);
    expect(placed).toContain('a@2 b@2 c@2');
    expect(placed).toContain('c@2 b@2 a@2');
    expect(placed.has('b@3 c@2 a@0')).toBe(false);
  });

  it('of a lane beside other steps, whose order is never a draw', async () => {
    const { placed, picked } = await bothWays((kernel, note) => {
      const lane = new Lane(kernel, STEP, 1, 0);
      lane.enqueue(note('first'), undefined, () => window(0, 2));
      lane.enqueue(note('second'), undefined, () => window(0, 1));
      kernel.schedule(note('other'), undefined, STEP, 2, window(1, 2));
    });
    expect(picked).toEqual(placed);
    for (const run of placed) expect(run.indexOf('first')).toBeLessThan(run.indexOf('second'));
    expect(placed).toContain('first@2 second@2 other@2');
  });

  it('of steps that make steps', async () => {
    const { placed, picked } = await bothWays((kernel, note) => {
      const child = note('child');
      const parent = {
        fire: () => {
          note('parent').fire();
          const { nowNs } = kernel;
          kernel.schedule(child, undefined, STEP, 1, window(nowNs + 1, nowNs + 2));
        },
      };
      kernel.schedule(parent, undefined, STEP, 1, window(0, 1));
      kernel.schedule(note('other'), undefined, STEP, 2, window(0, 3));
    });
    expect(picked).toEqual(placed);
    expect(placed).toContain('parent@0 child@1 other@1');
    expect(placed).toContain('other@0 parent@0 child@2');
  });
});
