/** What the journals of a run come to. */
import type { History, Operation } from '../check/history.ts';
import type { Broken, Entry } from './journal.ts';
import type { OperationCounts } from './result.ts';

/** Something a node found broken, in the order of the machine's clock. */
export type NodeFinding = Broken & { readonly node: string; readonly atNs: number };

const COUNTED_AS = { ok: 'completed', fail: 'failed', unknown: 'unknown' } as const;

export class Evidence {
  readonly findings: NodeFinding[] = [];
  /** Names of `sometimes` and `reachable` that were passed, with whether they ever held. */
  readonly passed: Map<string, boolean> = new Map();
  /** By node: how its present incarnation ended itself. */
  readonly endings: Map<string, Extract<Entry, { is: 'exit' | 'crash' }>> = new Map();
  private readonly operations: Operation[] = [];
  /** Positions in `operations` of the calls of each node's present incarnation. */
  private readonly calls = new Map<string, Map<number, number>>();

  /** Takes the next entries of one node's journal. */
  add(node: string, entries: readonly Entry[]): void {
    for (const entry of entries) this.addOne(node, entry);
  }

  /** How many operations there are, by what came of them so far. */
  counts(): OperationCounts {
    const counts = { completed: 0, failed: 0, unknown: 0 };
    for (const { outcome } of this.operations) counts[COUNTED_AS[outcome]]++;
    return counts;
  }

  /** All operations, in the order of their calls. */
  history(): History {
    return [...this.operations].sort((a, b) => a.called - b.called);
  }

  private addOne(node: string, entry: Entry): void {
    switch (entry.is) {
      case 'start':
        this.calls.set(node, new Map());
        this.endings.delete(node);
        break;
      case 'exit':
      case 'crash':
        this.endings.set(node, entry);
        break;
      case 'invoke':
        this.invoked(node, entry);
        break;
      case 'end':
        this.ended(node, entry);
        break;
      case 'passed':
        this.passed.set(entry.name, entry.held || this.passed.get(entry.name) === true);
        break;
      case 'broken': {
        const { property, message, stack, atNs } = entry;
        this.findings.push({ property, message, stack, node, atNs });
        break;
      }
      default:
    }
  }

  private invoked(node: string, entry: Extract<Entry, { is: 'invoke' }>): void {
    const at = this.operations.push({
      process: node,
      name: entry.operation,
      input: entry.input,
      outcome: 'unknown',
      output: undefined,
      called: entry.atNs,
      returned: Infinity,
    });
    this.calls.get(node)!.set(entry.call, at - 1);
  }

  private ended(node: string, entry: Extract<Entry, { is: 'end' }>): void {
    const { outcome, output, reason, atNs } = entry;
    const at = this.calls.get(node)!.get(entry.call)!;
    this.calls.get(node)!.delete(entry.call);
    this.operations[at] = {
      ...this.operations[at]!,
      outcome,
      output: outcome === 'ok' ? (output ?? null) : undefined,
      ...(reason !== undefined && { reason }),
      returned: outcome === 'unknown' ? Infinity : atNs,
    };
  }
}
