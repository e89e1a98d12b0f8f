/** The public names of `groundhog`. */
export { AssertionError, assert } from './env/assert.ts';
export type { Clock } from './env/clock.ts';
export {
  type Disk,
  DiskError,
  type DiskErrorCode,
  type DiskFile,
  type OpenMode,
} from './env/disk.ts';
export type { Env, Program } from './env/env.ts';
export type { History as HistoryPort, Invocation } from './env/history.ts';
export type { Log, LogLevel, Trace } from './env/log.ts';
export {
  type Handle,
  type Memory,
  MemoryError,
  type MemoryErrorCode,
  type MovablePool,
  type Offset,
  type Pool,
} from './env/memory.ts';
export {
  type Address,
  type ByteStream,
  DATAGRAM_BYTES_MAX,
  type Datagram,
  type DatagramSocket,
  type Listener,
  type Net,
  NetError,
  type NetErrorCode,
  type Plain,
  type RequestHandler,
} from './env/net.ts';
export { decodePlain, encodePlain, PlainError } from './env/plain.ts';
export type { Process } from './env/process.ts';
export type { Properties } from './env/properties.ts';
export type { Random } from './env/random.ts';
export type { Threads } from './env/threads.ts';
export type { Timer, Timers } from './env/timers.ts';
export type { Fault, FaultPreset, TimedFault } from './scenario/scenario.gen.ts';
export {
  type Check,
  type CheckOutcome,
  type Role,
  type Run,
  Scenario,
  ScenarioError,
  type ScenarioOptions,
  scenario,
} from './scenario/scenario.ts';
