import type { History } from '../check/history.ts';
import type { Check, Run } from '../scenario/scenario.ts';
import { type Finding, type Weighed, weigh, weighThrown } from '../scenario/weigh.ts';
import type { RunVerdict } from '../trace/run.ts';
import { signatureOf } from '../trace/violation.ts';
import type { LiveFailure } from './result.ts';

/** Whom a finding is about. */
export interface Culprit {
  readonly name: string;
  readonly role: string;
}

/** What a run is found to be: the first thing wrong with it, or why that cannot be said. */
export class Judgement {
  failure: LiveFailure | undefined;
  /** The check has looked at the history. */
  readsHistory = false;
  private unclear: string | undefined;

  /** The first violation counts; what follows from it says nothing more. */
  violate(finding: Finding, culprits: readonly Culprit[], atNs: number): void {
    if (this.failure !== undefined) return;
    const { property, message, details, stack } = finding;
    const roles = culprits.map(({ role }) => role);
    const nodes = culprits.map(({ name }) => name);
    const signature = signatureOf({ property, message, roles });
    this.failure = { property, message, details, stack, nodes, roles, atNs, signature };
  }

  giveUp(reason: string): void {
    this.unclear ??= reason;
  }

  /** Nothing that comes now changes it. */
  get isFinal(): boolean {
    return this.failure !== undefined || this.unclear !== undefined;
  }

  /** Asks the scenario's check, once all else is known. */
  async ask(check: Check, run: Omit<Run, 'history'>, history: History): Promise<void> {
    const self = this;
    const weighed = await weighedBy(check, {
      ...run,
      get history() {
        self.readsHistory = true;
        return history;
      },
    });
    if (weighed.is === 'broken') this.violate(weighed.finding, [], run.virtualMs * 1e6);
    else if (weighed.is === 'unclear') this.giveUp(weighed.reason);
  }

  /** `completed`: operations of the history. */
  verdict(completed: number): { verdict: RunVerdict; reason: string | undefined } {
    if (this.failure !== undefined) return { verdict: 'violated', reason: undefined };
    if (this.unclear !== undefined) return { verdict: 'inconclusive', reason: this.unclear };
    if (this.readsHistory && completed === 0) {
      const reason = 'the check reads the history, and no operation completed';
      return { verdict: 'vacuous', reason };
    }
    return { verdict: 'passed', reason: undefined };
  }
}

async function weighedBy(check: Check, run: Run): Promise<Weighed> {
  try {
    return weigh(await check(run));
  } catch (error) {
    return weighThrown(error);
  }
}
