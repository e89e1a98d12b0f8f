import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { isList, isRecord, keyOf, print } from '../plain.ts';
import type { Anomaly, Verdict } from '../verdict.ts';
import { operationInWords } from '../words.ts';

const MODEL = 'convergence';

/**
 * Strong eventual convergence: replicas that have received the same updates are in the same state,
 * at any time, and in the end all replicas have.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `report` | | `{ updates, state }`: the updates that the replica, which is the process, has received, as a list in any order or as one value that stands for the set; and its state, or a hash of it |
 *
 * A history without reports is judged by its reads: those called after the last update had returned
 * must return the same. While an update may still take effect, as one of unknown outcome may at any
 * time, different reads prove nothing.
 */
export function convergence(history: History): Verdict {
  const reports = history.flatMap((operation, index) =>
    operation.name === 'report' && operation.outcome === 'ok' ? [reportIn(operation, index)] : [],
  );
  const anomalies =
    reports.length > 0
      ? [...divergences(history, reports), ...unfinished(history, reports)]
      : finalReads(history);
  if (typeof anomalies === 'string') return conclude(history, 'unknown', anomalies, []);
  const [first] = anomalies;
  if (first !== undefined) return conclude(history, 'invalid', first.message, anomalies);
  return conclude(history, 'valid', 'equal updates gave equal states', []);
}

function conclude(
  history: History,
  verdict: Verdict['verdict'],
  reason: string,
  anomalies: readonly Anomaly[],
): Verdict {
  const { length } = history;
  return { verdict, model: MODEL, reason, anomalies, operations: length, steps: length };
}

interface Report {
  readonly index: number;
  readonly process: string;
  readonly updates: string;
  readonly state: string;
}

function reportIn({ process, output }: Operation, index: number): Report {
  const { updates = null, state = null } = (isRecord(output) ? output : {}) as Record<
    string,
    Plain
  >;
  const set = isList(updates)
    ? [...new Set(updates.map(print))].sort().join()
    : String(keyOf(updates));
  return { index, process, updates: set, state: print(state) };
}

/** Equal updates, unequal states. */
function divergences(history: History, reports: readonly Report[]): Anomaly[] {
  const first = new Map<string, Report>();
  const found: Anomaly[] = [];
  for (const report of reports) {
    const other = first.get(report.updates);
    if (other === undefined) first.set(report.updates, report);
    else if (other.state !== report.state) {
      const [a, b] = [other, report].map(({ index }) => operationInWords(history[index]!));
      const message = `${a} and ${b} have received the same updates, but their states differ`;
      found.push({ name: 'divergence', message, operations: [other.index, report.index] });
    }
  }
  return found;
}

/** The replicas' last reports differ in what they have received. */
function unfinished(history: History, reports: readonly Report[]): Anomaly[] {
  const last = new Map(reports.map((report) => [report.process, report]));
  const [one, ...others] = last.values();
  const other = others.find(({ updates }) => updates !== one!.updates);
  if (other === undefined) return [];
  const [a, b] = [one!, other].map(({ index }) => operationInWords(history[index]!));
  const message = `in the end ${a} and ${b} have not received the same updates`;
  return [{ name: 'not-converged', message, operations: [one!.index, other.index] }];
}

/** The reason why it is open: nothing was read after the last update, or there is none. */
function finalReads(history: History): Anomaly[] | string {
  const isRead = ({ name }: Operation) => name === 'read' || name === 'get';
  const pending = history.filter(
    (operation) => !isRead(operation) && operation.outcome !== 'fail' && mayStillHappen(operation),
  );
  let quiet = Number.NEGATIVE_INFINITY;
  for (const operation of history) {
    if (isRead(operation) || operation.outcome === 'fail') continue;
    quiet = Math.max(
      quiet,
      Number.isFinite(operation.returned) ? operation.returned : operation.called,
    );
  }
  const finals = history.flatMap((operation, index) =>
    isRead(operation) && operation.outcome === 'ok' && operation.called > quiet ? [index] : [],
  );
  if (finals.length === 0) return 'nothing was read after the last update';
  const first = new Map<string, number>();
  const found: Anomaly[] = [];
  let open: string | undefined;
  for (const index of finals) {
    const { name, input, output = null } = history[index]!;
    const key = `${name}${print(input)}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, index);
    else if (print(history[other]!.output ?? null) !== print(output)) {
      const [a, b] = [other, index].map((i) => operationInWords(history[i]!));
      const between = pending.find((update) => maySeparate(update, history[index]!));
      if (between !== undefined) {
        open = `${a} and ${b} differ, but ${operationInWords(between)} may have taken effect between them`;
        continue;
      }
      const message = `${a} and ${b} differ, though both came after the last update`;
      found.push({ name: 'divergence', message, operations: [other, index] });
    }
  }
  return found.length === 0 && open !== undefined ? open : found;
}

function mayStillHappen({ outcome, returned }: Operation): boolean {
  return outcome === 'unknown' || !Number.isFinite(returned);
}

/** Whether an update at an unknown time can be why a read differs: not one of another key. */
function maySeparate(update: Operation, read: Operation): boolean {
  const [changed, asked] = [update.input, read.input].map((input) =>
    isRecord(input) ? input['key'] : undefined,
  );
  return changed === undefined || asked === undefined || print(changed) === print(asked);
}
