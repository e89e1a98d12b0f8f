export type {
  History,
  HistoryErrorCode,
  Operation,
  Outcome,
  Place,
} from './history.ts';
export { HistoryError } from './history.ts';
export { HistoryRecorder } from './history-recorder.ts';
export type { KvOptions } from './linear/kv.ts';
export { kv } from './linear/kv.ts';
export type { LinearizabilityVerdict, LinearizableOptions } from './linear/linearizable.ts';
export { linearizable } from './linear/linearizable.ts';
export type { Call, Decision, Model, Step } from './linear/model.ts';
export type { RegisterOptions } from './linear/register.ts';
export { casRegister, register } from './linear/register.ts';
export type { Anomaly, Limits, Verdict } from './verdict.ts';
