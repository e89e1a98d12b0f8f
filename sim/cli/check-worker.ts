/** Judges in a thread of its own, so that the main one hears Ctrl-C however long a file takes. */
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type Checked, type CheckRequest, type CheckShell, checkFiles } from '../check/command.ts';
import { HistoryError } from '../check/history.ts';

/** What to judge, from which file on. */
export interface CheckWork {
  readonly request: CheckRequest;
  readonly first: number;
}

/** A file's verdict, or what is wrong with the flags. */
export type CheckMessage = { readonly checked: Checked } | { readonly refused: string };

/** Its descriptor: a worker's own `process.stdin` is another stream. */
const STDIN = 0;

const SHELL: CheckShell = {
  readFile: (path) => (path === '-' ? readStdin() : readFileSync(path)),
  nowMs: () => performance.now(),
  replaced,
};

const CHUNK_BYTES = 1 << 16;
/** How long to wait for more where standard input is a pipe that does not. */
const WAIT_MS = 5;

/** Until its end. A pipe of a Node process does not block: with nothing in it, reading fails. */
function readStdin(): Uint8Array {
  const waiting = new Int32Array(new SharedArrayBuffer(4));
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    try {
      const bytes = readSync(STDIN, chunk);
      if (bytes === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(waiting, 0, 0, WAIT_MS);
    }
  }
}

/** As much of a file as tells what it is. */
const SAMPLE_BYTES = 256;

function replaced(path: string): string {
  const there = statSync(path, { throwIfNoEntry: false });
  accessSync(there === undefined ? dirname(path) : path, constants.W_OK);
  if (there?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  if (!there?.isFile()) return '';
  const file = openSync(path, 'r');
  try {
    const sample = Buffer.alloc(SAMPLE_BYTES);
    return sample.toString('latin1', 0, readSync(file, sample));
  } finally {
    closeSync(file);
  }
}

function say(message: CheckMessage): void {
  parentPort!.postMessage(message);
}

const { request, first } = workerData as CheckWork;
try {
  for (const checked of checkFiles(request, SHELL, first)) say({ checked });
} catch (error) {
  if (!(error instanceof HistoryError)) throw error;
  say({ refused: error.message });
}
