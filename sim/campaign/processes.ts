import { Tinypool } from 'tinypool';

/** Processes that run this module; all of them are started at once. */
export function processes(module: URL, count: number): Tinypool {
  return new Tinypool({
    filename: module.href,
    runtime: 'child_process',
    minThreads: count,
    maxThreads: count,
    execArgv: ['--max-semi-space-size=32'],
    serialization: 'advanced',
  });
}
