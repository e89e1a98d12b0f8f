import { Tinypool } from 'tinypool';

/** A process that has nothing to do for this long is ended. */
const IDLE_MS = 60_000;

/** Processes that run this module, in this one's environment, each started when it is first needed. */
export function processes(module: URL, count: number): Tinypool {
  return new Tinypool({
    filename: module.href,
    runtime: 'child_process',
    minThreads: 0,
    maxThreads: count,
    idleTimeout: IDLE_MS,
    execArgv: ['--max-semi-space-size=32'],
    // Else they have none.
    env: { ...process.env } as Record<string, string>,
    serialization: 'advanced',
  });
}
