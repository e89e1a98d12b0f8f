import type { Process } from '../env/process.ts';
import type { Report } from './journal.ts';

/** The operating system's process. */
export class LiveProcess implements Process {
  readonly incarnation: number;
  private readonly report: (report: Report) => void;
  private handler: (() => void | Promise<void>) | undefined;

  constructor(options: { incarnation: number; report: (report: Report) => void }) {
    this.incarnation = options.incarnation;
    this.report = options.report;
  }

  exit(code = 0): never {
    this.report({ is: 'exit', code });
    process.exit(code);
  }

  crash(reason: string): never {
    this.report({ is: 'crash', reason });
    process.kill(process.pid, 'SIGKILL');
    // The signal has arrived when the call above returns; a type checker cannot know.
    for (;;);
  }

  onTerminate(handler: () => void | Promise<void>): void {
    this.handler = handler;
  }

  /** Resolves when the program has done what it wants to before it stops. */
  async terminated(): Promise<void> {
    await this.handler?.();
  }
}
