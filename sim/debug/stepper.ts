/**
 * A second debugger, in a thread of its own, which takes the main thread from the place where a step
 * begins to the first line of the program's code that runs in it. There it leaves it standing, for
 * whoever is attached, or attaches then. Everything between, of the harness and of Node.js, it steps
 * over.
 */
import { writeSync } from 'node:fs';
import { type Debugger, Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { BEGIN, END, type StepperData, type StepperOrder, type StepperReport } from './inspect.ts';

/** Pauses on the way; a program that is further away than this is not in this step. */
const PAUSES_MAX = 10_000;

if (!isMainThread) serve(workerData as StepperData);

function serve({ harness }: StepperData): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  /** Since the step began; undefined when the step is over or another debugger has it. */
  let pauses: number | undefined;
  let hasStopped = false;
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    const [top] = callFrames;
    const url = urls.get(top?.location.scriptId ?? '') ?? '';
    if (url === BEGIN) pauses ??= 0;
    if (pauses === undefined) return;
    const isProgram = url.startsWith('file:') && !url.startsWith(harness);
    if (isProgram) {
      pauses = undefined;
      hasStopped = true;
      writeSync(2, `groundhog: stopped in ${inWords(top!, url)}; resume there to come back\n`);
    } else if (url === END || ++pauses > PAUSES_MAX) {
      pauses = undefined;
      session.post('Debugger.resume');
    } else {
      session.post('Debugger.stepInto');
    }
  });
  const patterns = [`^${harness.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, '^node:'];
  parentPort!.on('message', (order: StepperOrder) => {
    const done = (): void => parentPort!.postMessage({ hasStopped } satisfies StepperReport);
    if (order === 'over') {
      pauses = undefined;
      session.post('Debugger.disable', done);
    } else {
      hasStopped = false;
      session.post('Debugger.enable', () => {
        session.post('Debugger.setBlackboxPatterns', { patterns }, done);
      });
    }
  });
}

function inWords({ functionName, location }: Debugger.CallFrame, url: string): string {
  return `${functionName || 'the module'} (${fileURLToPath(url)}:${location.lineNumber + 1})`;
}
