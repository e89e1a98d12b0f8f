/** The public names of `groundhog/check`. */
export { checkByKey } from './by-key.ts';
export { withinMs } from './deadline.ts';
export type {
  History,
  HistoryErrorCode,
  Operation,
  Outcome,
  Place,
} from './history.ts';
export { HistoryError } from './history.ts';
export type { HistoryListener } from './history-recorder.ts';
export { HistoryRecorder } from './history-recorder.ts';
export type { BankOptions } from './invariant/bank.ts';
export { bank } from './invariant/bank.ts';
export { counterBounds } from './invariant/counter.ts';
export { longFork } from './invariant/long-fork.ts';
export { monotonic } from './invariant/monotonic.ts';
export { totalQueue, uniqueIds } from './invariant/queues.ts';
export { finalSet, setFull } from './invariant/sets.ts';
export type { CounterOptions } from './linear/counter.ts';
export { counter } from './linear/counter.ts';
export type { KvOptions } from './linear/kv.ts';
export { kv } from './linear/kv.ts';
export type {
  Failure,
  LinearizabilityVerdict,
  LinearizableOptions,
  SurvivingOrder,
} from './linear/linearizable.ts';
export { linearizable } from './linear/linearizable.ts';
export { log } from './linear/log.ts';
export type { Abstraction, Call, Decision, Model, Step } from './linear/model.ts';
export { multiRegister } from './linear/multi-register.ts';
export { fencingLock, mutex } from './linear/mutex.ts';
export { queue, stack } from './linear/queue.ts';
export type { RegisterOptions } from './linear/register.ts';
export { casRegister, register } from './linear/register.ts';
export { set } from './linear/set.ts';
export type { Pictured } from './picture/page.ts';
export { picturePage } from './picture/page.ts';
export type { HistoryFormat } from './read/format.ts';
export { formatOf, readHistory } from './read/format.ts';
export { writeJsonl } from './read/jsonl.ts';
export type { Mark, Recorded } from './read/recorded.ts';
export { convergence } from './session/convergence.ts';
export type { SessionGuarantee, SessionOptions } from './session/guarantees.ts';
export { sessionGuarantee } from './session/guarantees.ts';
export { sequential } from './session/sequential.ts';
export type { Level, Sessions } from './txn/findings.ts';
export type { IsolationOptions, IsolationVerdict } from './txn/isolation.ts';
export { isolation } from './txn/isolation.ts';
export type { RuledOut } from './txn/levels.ts';
export type { Stamps, StampsOf } from './txn/stamps.ts';
export type { Anomaly, CycleEdge, Limits, Verdict } from './verdict.ts';
