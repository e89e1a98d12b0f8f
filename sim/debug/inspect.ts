/** Stops in Chrome DevTools or VS Code where a step runs code of the program. */
import inspector from 'node:inspector';
import { Script } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { DebugError } from './debug-error.ts';
import type { Journey } from './journey.ts';

/** What the stepper is started with. */
export interface StepperData {
  /** The URL of the folder of the harness's own code. */
  readonly harness: string;
}

/** What it is told. */
export type StepperOrder = 'ready' | 'over';

/** What it tells when that is done. */
export interface StepperReport {
  /** The program was left standing since it was `ready`. */
  readonly hasStopped: boolean;
}

/** Names of the two scripts around a step, by which the stepper knows it. */
export const BEGIN = 'groundhog:step-begins';
export const END = 'groundhog:step-ends';

const begin = new Script('debugger;', { filename: BEGIN });
const end = new Script('0;', { filename: END });

/** Where the inspector listens, on this machine only. */
export interface Inspected {
  readonly url: string;
}

/** A session's connection to debuggers. */
export class Inspection {
  /** Started when it is first needed. */
  private stepper: Worker | undefined;

  /**
   * Makes the present step again, and stands still in the first code of the program that it runs
   * until the debugger that is attached there resumes. `announce` is awaited before: from then on
   * this process hears nothing else.
   *
   * @throws DebugError
   */
  async stopIn(
    journey: Journey,
    port: number,
    announce: (where: Inspected) => Promise<void>,
  ): Promise<void> {
    const { step, course } = journey;
    if (step === course.first) {
      throw new DebugError('no-such', `step ${step} runs nothing of the program`);
    }
    if (inspector.url() === undefined) inspector.open(port, '127.0.0.1');
    const url = inspector.url();
    if (url === undefined) throw new DebugError('no-such', `port ${port} is taken: try inspect 0`);
    await this.tell('ready');
    await announce({ url });
    let hasStopped = false;
    try {
      await journey.remake(
        () => begin.runInThisContext(),
        () => end.runInThisContext(),
      );
    } finally {
      ({ hasStopped } = await this.tell('over'));
    }
    if (hasStopped) return;
    const what = `step ${step}, ${course.site(step)}, runs nothing of the program`;
    throw new DebugError('no-such', `${what}, so nothing was stopped: step on to one that does`);
  }

  /** Debuggers that are attached are left. */
  async close(): Promise<void> {
    await this.stepper?.terminate();
    if (inspector.url() !== undefined) inspector.close();
  }

  private async tell(order: StepperOrder): Promise<StepperReport> {
    this.stepper ??= new Worker(new URL('./stepper.js', import.meta.url), {
      workerData: { harness: new URL('../', import.meta.url).href } satisfies StepperData,
    });
    const { stepper } = this;
    const done = new Promise<StepperReport>((resolve, reject) => {
      stepper.once('message', resolve).once('error', reject);
    });
    stepper.postMessage(order);
    stepper.ref();
    const report = await done;
    stepper.unref();
    return report;
  }
}
