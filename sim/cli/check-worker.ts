/** Judges in a thread of its own, so that the main one hears Ctrl-C however long a file takes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type CheckRequest,
  type CheckResult,
  type CheckShell,
  checkFiles,
} from '../check/command.ts';
import { HistoryError } from '../check/history.ts';

/** A file's verdict, or what is wrong with the flags. */
export type CheckMessage = { readonly result: CheckResult } | { readonly refused: string };

/** Its descriptor: a worker's own `process.stdin` is another stream. */
const STDIN = 0;

const SHELL: CheckShell = {
  readFile: (path) => readFileSync(path === '-' ? STDIN : path),
  writeFile: (path, text) => writeFileSync(path, text),
  nowMs: () => performance.now(),
};

function say(message: CheckMessage): void {
  parentPort!.postMessage(message);
}

try {
  for (const result of checkFiles(workerData as CheckRequest, SHELL)) say({ result });
} catch (error) {
  if (!(error instanceof HistoryError)) throw error;
  say({ refused: error.message });
}
