/** `groundhog check`: recorded histories through a checker. */
import { writeFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import pc from 'picocolors';
import {
  type Checked,
  type CheckRequest,
  type CheckResult,
  exitCodeOf,
  fileInWords,
  refusalInWords,
  totalInWords,
  unjudgedFile,
  writePage,
} from '../check/command.ts';
import type { CheckMessage, CheckWork } from './check-worker.ts';
import { EXIT, UsageError } from './exit.ts';
import { onInterrupt } from './interrupt.ts';

export interface CheckOptions
  extends Pick<
    CheckRequest,
    'model' | 'format' | 'init' | 'total' | 'negative' | 'by' | 'partition' | 'html'
  > {
  readonly budget?: number;
  readonly json?: boolean;
}

/**
 * Prints each verdict as it is known; under `--json` one object, or an array of several. What was
 * judged before an interruption is told, and stands on the page.
 */
export async function check(files: readonly string[], options: CheckOptions): Promise<number> {
  const { budget, json, ...flags } = options;
  const request = { files, ...flags, ...(budget !== undefined && { budgetMs: budget }) };
  const results: CheckResult[] = [];
  const sections: string[] = [];
  const interrupted = onInterrupt();
  try {
    await judge(request, interrupted.signal, ({ result, section }) => {
      results.push(result);
      if (section !== undefined) sections.push(section);
      if ('error' in result) {
        process.stderr.write(`${pc.red('groundhog:')} ${refusalInWords(result)}\n`);
      } else if (!json) print(fileInWords(result));
    });
  } finally {
    interrupted.dispose();
  }
  const left = files
    .slice(results.length)
    .map((file) => unjudgedFile(file, request, 'interrupted'));
  if (json) {
    const all = [...results, ...left];
    print(JSON.stringify(files.length === 1 ? all[0] : all));
  } else {
    if (left.length > 0) print(`interrupted: ${left.length} of ${files.length} not judged`);
    if (results.length > 0 && files.length > 1) print(totalInWords(results));
  }
  const { html } = request;
  if (html !== undefined && (results.length > 0 || left.length === 0)) {
    writePage(html, sections, writeFileSync);
  }
  return interrupted.signal.aborted ? EXIT.interrupted : exitCodeOf(results);
}

/**
 * Resolves when all files are judged, or the signal came. A file that takes all the memory there is
 * takes its thread with it: the next ones are judged in another.
 *
 * @throws UsageError when the flags make no sense
 */
async function judge(
  request: CheckRequest,
  signal: AbortSignal,
  onChecked: (checked: Checked) => void,
): Promise<void> {
  let judged = 0;
  const take = (checked: Checked): void => {
    judged++;
    onChecked(checked);
  };
  while (judged < request.files.length && !signal.aborted) {
    const end = await judgeFrom({ request, first: judged }, signal, take);
    if (end === 'done') return;
    const file = request.files[judged]!;
    take({ result: unjudgedFile(file, request, OUT_OF_MEMORY) });
  }
}

function judgeFrom(
  work: CheckWork,
  signal: AbortSignal,
  take: (checked: Checked) => void,
): Promise<'done' | 'out of memory'> {
  const maxOldGenerationSizeMb = getHeapStatistics().heap_size_limit / 2 ** 20;
  const resourceLimits = { maxOldGenerationSizeMb };
  const worker = new Worker(WORKER, { workerData: work, resourceLimits });
  const stop = () => void worker.terminate();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise<'done' | 'out of memory'>((resolve, reject) => {
    worker.on('message', (message: CheckMessage) => {
      if ('checked' in message) take(message.checked);
      else reject(new UsageError(message.refused));
    });
    worker.on('error', (error) => {
      const full = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
      if (full) resolve('out of memory');
      else reject(error);
    });
    worker.on('exit', () => resolve('done'));
  }).finally(() => signal.removeEventListener('abort', stop));
}

const OUT_OF_MEMORY =
  'not enough memory; give it more with NODE_OPTIONS=--max-old-space-size=8000 (in MB)';

const WORKER = new URL('./check-worker.js', import.meta.url);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
