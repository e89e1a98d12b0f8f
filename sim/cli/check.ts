/** `groundhog check`: recorded histories through a checker. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  type CheckRequest,
  type CheckResult,
  type CheckShell,
  checkFiles,
  exitCodeOf,
  fileInWords,
  refusalInWords,
  totalInWords,
} from '../check/command.ts';
import { untilInterrupted } from '../check/deadline.ts';
import { pc } from '../tell/colour.ts';
import { EXIT } from './exit.ts';
import { onInterrupt } from './interrupt.ts';

export interface CheckOptions
  extends Pick<CheckRequest, 'model' | 'format' | 'init' | 'total' | 'by' | 'partition' | 'html'> {
  readonly budget?: number;
  readonly json?: boolean;
}

/** Prints each verdict as it is known; under `--json` one object, or an array of several. */
export async function check(files: readonly string[], options: CheckOptions): Promise<number> {
  const { budget, json, ...flags } = options;
  const interrupted = onInterrupt();
  const request = { files, ...flags, ...(budget !== undefined && { budgetMs: budget }) };
  const checking = checkFiles(request, shellOf(interrupted.signal));
  const results: CheckResult[] = [];
  for (;;) {
    const { done, value } = checking.next();
    if (done) {
      interrupted.dispose();
      if (json) print(JSON.stringify(files.length === 1 ? (results[0] ?? null) : results));
      else if (files.length > 1) print(totalInWords(results));
      return value === 'interrupted' ? EXIT.interrupted : exitCodeOf(results);
    }
    results.push(value);
    if ('error' in value)
      process.stderr.write(`${pc.red('groundhog:')} ${refusalInWords(value)}\n`);
    else if (!json) print(fileInWords(value));
    await aTurn();
  }
}

function shellOf(signal: AbortSignal): CheckShell {
  return {
    readFile: (path) => readFileSync(path, 'utf8'),
    writeFile: (path, text) => writeFileSync(path, text),
    nowMs: () => performance.now(),
    untilInterrupted: (body) => (signal.aborted ? undefined : untilInterrupted(body)),
  };
}

/** Between two files Ctrl-C is heard by its listener. */
function aTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
