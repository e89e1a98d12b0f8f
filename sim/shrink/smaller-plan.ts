/** A smaller plan of a failing run: fewer nodes, less to do. */
import type { Plan, RunSpec } from '../explore/subject.ts';
import { nodeNames } from '../scenario/node-name.ts';
import type { Reduction } from './reduction.ts';

type Amounts = { readonly [name: string]: number };
type Probe = Pick<RunSpec, 'seed' | 'strategy' | 'faults'>;

/** Runs in which little goes wrong. */
const PROBES: readonly Probe[] = [
  { seed: 'probe', strategy: 'random', faults: 'none' },
  ...['probe 1', 'probe 2', 'probe 3'].map(
    (seed): Probe => ({ seed, strategy: 'random', faults: 'calm' }),
  ),
];

export class SmallerPlan {
  private readonly left: Reduction;
  private readonly whole: Plan;
  /** Those that pass under the plan as it was at first. */
  private probes: Probe[] | undefined;

  constructor(left: Reduction) {
    this.left = left;
    this.whole = left.plan;
  }

  /** Leaves nodes out: many at once, then single ones; of each role one stays. */
  async dropNodes(): Promise<void> {
    const { left } = this;
    for (const [role, { count }] of left.subject.roles) {
      const planned = nodeNames(role, left.plan.roles?.[role]?.count ?? count);
      let present = planned.filter((name) => !left.plan.absent?.includes(name));
      for (let chunk = present.length - 1; chunk >= 1; chunk = Math.floor(chunk / 2)) {
        for (let at = present.length - chunk; at > -chunk && left.inBudget; at -= chunk) {
          const gone = present.slice(Math.max(0, at), at + chunk);
          if (gone.length === present.length) continue;
          const absent = [...(left.plan.absent ?? []), ...gone];
          if (!(await this.reduced({ ...left.plan, absent }))) continue;
          present = present.filter((name) => !gone.includes(name));
        }
      }
    }
  }

  /** Less of what each role says is its workload. */
  async lessWork(): Promise<void> {
    const { left } = this;
    for (const [role, { args, workload }] of left.subject.roles) {
      const present = (): Amounts => (left.plan.roles?.[role]?.args ?? args) as Amounts;
      for (const amount of workload) {
        for (let least = 0; least < present()[amount]! && left.inBudget; ) {
          const tried = Math.floor((least + present()[amount]!) / 2);
          const fewer = { ...present(), [amount]: tried };
          const roles = { ...left.plan.roles, [role]: { ...left.plan.roles?.[role], args: fewer } };
          if (!(await this.reduced({ ...left.plan, roles }))) least = tried + 1;
        }
      }
    }
  }

  private reduced(plan: Plan): Promise<boolean> {
    return this.left.reduced(plan, () => this.isSound(plan));
  }

  /**
   * Probes that pass under the whole plan pass under a smaller one too: otherwise the check wants what
   * is gone, and says nothing of the bug.
   */
  private async isSound(plan: Plan): Promise<boolean> {
    const { left, whole } = this;
    if (this.probes === undefined) {
      this.probes = [];
      for (const probe of PROBES) {
        if (await left.passes({ ...probe, plan: whole })) this.probes.push(probe);
      }
    }
    for (const probe of this.probes) if (!(await left.passes({ ...probe, plan }))) return false;
    return true;
  }
}
