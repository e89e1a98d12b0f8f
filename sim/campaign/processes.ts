import { Tinypool } from 'tinypool';

/** Processes that run this module, in this one's environment; all of them are started at once. */
export function processes(module: URL, count: number): Tinypool {
  return new Tinypool({
    filename: module.href,
    runtime: 'child_process',
    minThreads: count,
    maxThreads: count,
    execArgv: ['--max-semi-space-size=32'],
    // Else they have none.
    env: { ...process.env } as Record<string, string>,
    serialization: 'advanced',
  });
}
