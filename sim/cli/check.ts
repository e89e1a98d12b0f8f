/** `groundhog check`: recorded histories through a checker. */
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import pc from 'picocolors';
import {
  type CheckRequest,
  type CheckResult,
  exitCodeOf,
  fileInWords,
  interruptedFile,
  refusalInWords,
  totalInWords,
} from '../check/command.ts';
import type { CheckMessage } from './check-worker.ts';
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

/** Prints each verdict as it is known; under `--json` one object, or an array of several. */
export async function check(files: readonly string[], options: CheckOptions): Promise<number> {
  const { budget, json, ...flags } = options;
  const request = { files, ...flags, ...(budget !== undefined && { budgetMs: budget }) };
  const results: CheckResult[] = [];
  const interrupted = onInterrupt();
  try {
    await judge(request, interrupted.signal, (result) => {
      results.push(result);
      if ('error' in result) {
        process.stderr.write(`${pc.red('groundhog:')} ${refusalInWords(result)}\n`);
      } else if (!json) print(fileInWords(result));
    });
  } finally {
    interrupted.dispose();
  }
  for (const file of json ? files.slice(results.length) : []) {
    results.push(interruptedFile(file, request));
  }
  if (json) print(JSON.stringify(files.length === 1 ? results[0] : results));
  else if (files.length > 1) print(totalInWords(results));
  return interrupted.signal.aborted ? EXIT.interrupted : exitCodeOf(results);
}

/** Resolves when all files are judged, or the signal came. Throws when the flags make no sense. */
function judge(
  request: CheckRequest,
  signal: AbortSignal,
  onResult: (result: CheckResult) => void,
): Promise<void> {
  const maxOldGenerationSizeMb = getHeapStatistics().heap_size_limit / 2 ** 20;
  const resourceLimits = { maxOldGenerationSizeMb };
  const worker = new Worker(WORKER, { workerData: request, resourceLimits });
  signal.addEventListener('abort', () => void worker.terminate());
  return new Promise((resolve, reject) => {
    worker.on('message', (message: CheckMessage) => {
      if ('result' in message) onResult(message.result);
      else reject(new UsageError(message.refused));
    });
    worker.on('error', (error) => {
      const full = (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(full ? new UsageError(OUT_OF_MEMORY) : error);
    });
    worker.on('exit', () => resolve());
  });
}

const OUT_OF_MEMORY =
  'not enough memory; give it more with NODE_OPTIONS=--max-old-space-size=8000 (in MB)';

const WORKER = new URL('./check-worker.js', import.meta.url);

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
