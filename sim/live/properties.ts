import type { Plain } from '../env/net.ts';
import type { Report } from './journal.ts';

/** What a node shows of itself when asked. */
export interface NodeState {
  /** By `env.observe`, by name. */
  readonly observed: { readonly [name: string]: Plain };
  /** Names of `eventually` that do not hold now. */
  readonly waiting: readonly string[];
}

/** What the program of one live node states about itself; broken statements are reported at once. */
export class LiveProperties {
  private readonly report: (report: Report) => void;
  private readonly passed = new Map<string, boolean>();
  private readonly eventuals = new Map<string, () => boolean>();
  private readonly snapshots = new Map<string, () => Plain>();

  constructor(report: (report: Report) => void) {
    this.report = report;
  }

  always(name: string, holds: boolean, details = 'does not hold'): void {
    if (!holds) this.broken(`always: ${name}`, details);
  }

  unreachable(name: string, details = 'was reached'): void {
    this.broken(`unreachable: ${name}`, details);
  }

  sometimes(name: string, holds: boolean): void {
    const before = this.passed.get(name);
    if (before === true || before === holds) return;
    this.passed.set(name, holds);
    this.report({ is: 'passed', name, held: holds });
  }

  eventually(name: string, holds: () => boolean): void {
    this.eventuals.set(name, holds);
  }

  observe(name: string, snapshot: () => Plain): void {
    this.snapshots.set(name, snapshot);
  }

  state(): NodeState {
    return {
      observed: Object.fromEntries([...this.snapshots].map(([name, show]) => [name, show()])),
      waiting: [...this.eventuals].filter(([, holds]) => !holds()).map(([name]) => name),
    };
  }

  private broken(property: string, message: string): void {
    this.report({ is: 'broken', property, message, stack: new Error(message).stack });
  }
}
