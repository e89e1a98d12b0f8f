export type { ThreadBody, ThreadStep } from '../env/threads.ts';
export type { DecisionRecord } from '../trace/record.ts';
export type { Violation } from '../trace/violation.ts';
export type { ExecutionEnd } from './engine.ts';
export { ThreadsError, type ThreadsErrorCode } from './errors.ts';
export type {
  ExploreOptions,
  SearchOptions,
  SeedsOptions,
  ThreadsStrategy,
} from './executions.ts';
export type { Exploration, ReplayedThreads, ThreadsFailure } from './explore.ts';
export { exploreThreads, replayThreads } from './explore.ts';
export { cell, condition, mutex, pause, plain, semaphore, spawn } from './objects.ts';
export type { Body, DeclaredThread, Several, ThreadsOptions, ThreadsProgram } from './program.ts';
export { threads } from './program.ts';
export type { Cell, Condition, Mutex, Plain, Semaphore, Thread } from './shared.ts';
