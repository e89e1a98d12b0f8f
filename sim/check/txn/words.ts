import { print } from '../plain.ts';
import type { CycleEdge } from '../verdict.ts';
import type { CycleWords } from './findings.ts';
import { isRw, PROCESS, REALTIME, WR } from './graph.ts';
import type { PredicateRead } from './predicates.ts';
import { READ, type Transactions, WRITE } from './transactions.ts';

/** `r x → [1,2]`, `w x 3`, `append x 3`; `rp {"prefix":"a"} → [["a1",1]] without a2`. */
export function microInWords(txns: Transactions, micro: number): string {
  const row = txns.predicateRow(micro);
  if (row !== undefined) {
    const read = predicateInWords(row.read);
    return row.absent ? `${read} without ${print(txns.keys[txns.key[micro]!]!)}` : read;
  }
  const key = print(txns.keys[txns.key[micro]!]!);
  const value = txns.value(micro);
  if (txns.kind[micro] === READ) return `r ${key} → ${value === undefined ? '?' : print(value)}`;
  return `${txns.kind[micro] === WRITE ? 'w' : 'append'} ${key} ${print(value!)}`;
}

function predicateInWords({ predicate, found }: PredicateRead): string {
  return `rp ${print(predicate)} → ${print(found)}`;
}

/** Names a transaction by its position in the history. */
export function txnName(txn: number): string {
  return `T${txn}`;
}

/** `T3 = [r x → 1, w y 2] by client-4`. */
export function txnInWords(txns: Transactions, txn: number): string {
  const micros: string[] = [];
  let told: PredicateRead | undefined;
  for (let m = txns.firstMicro[txn]!; m < txns.firstMicro[txn + 1]!; m++) {
    const read = txns.predicateRow(m)?.read;
    if (read === undefined) micros.push(microInWords(txns, m));
    else if (read !== told) micros.push(predicateInWords(read));
    told = read;
  }
  return `${txnName(txn)} = [${micros.join(', ')}] by ${txns.history[txn]!.process}`;
}

/** Why one transaction comes before another by the order of its session, or of time. */
export function orderInWords(
  { history }: Transactions,
  from: number,
  to: number,
  label: number,
): string {
  const [a, b] = [history[from]!, history[to]!];
  if (label === PROCESS) {
    return `${txnName(from)} came before ${txnName(to)} in the session of ${a.process}`;
  }
  return `${txnName(from)} returned at ${a.returned}, before ${txnName(to)} was called at ${b.called}`;
}

/** Longer cycles are put into words as far as this. */
const WORDED_STEPS_MAX = 40;

/** A cycle of transactions, told from its earliest one: what they did, and one sentence an edge. */
export function cycleInWords(txns: Transactions, cycle: readonly CycleEdge[]): CycleWords {
  const first = cycle.reduce((least, { from }, i) => (from < cycle[least]!.from ? i : least), 0);
  const edges = [...cycle.slice(first), ...cycle.slice(0, first)];
  const shown = edges.slice(0, WORDED_STEPS_MAX);
  const lines = ['Let:'];
  for (const txn of new Set(shown.map(({ from }) => from)))
    lines.push(`  ${txnInWords(txns, txn)}`);
  lines.push('Then:');
  for (const [i, { from, to, because }] of shown.entries()) {
    const relation = `${txnName(from)} < ${txnName(to)}, because ${because}`;
    const last = i === edges.length - 1;
    lines.push(last ? `  However, ${relation}: a contradiction.` : `  ${relation}.`);
  }
  const left = edges.length - shown.length;
  if (left > 0) lines.push(`  … and ${left} more steps back to ${txnName(edges[0]!.from)}.`);
  return { message: lines.join('\n'), edges };
}

export function kindOfLabel(label: number): CycleEdge['kind'] {
  if (label === WR) return 'wr';
  if (isRw(label)) return 'rw';
  if (label === PROCESS) return 'process';
  return label === REALTIME ? 'realtime' : 'ww';
}
