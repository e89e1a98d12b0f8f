import type { Process } from '../env/process.ts';
import { Ended } from '../sched/ended.ts';
import type { Owner } from '../sched/kernel.ts';

/** An incarnation, as its program may end it. */
export interface Life extends Owner {
  readonly number: number;
  terminate: (() => void | Promise<void>) | undefined;
  exits(code: number): void;
  crashes(reason: string): void;
}

/** `env.process` of one incarnation. */
export class SimProcess implements Process {
  private readonly life: Life;

  constructor(life: Life) {
    this.life = life;
  }

  get incarnation(): number {
    return this.life.number;
  }

  exit(code = 0): never {
    if (this.life.alive) this.life.exits(code);
    throw new Ended('the process has exited');
  }

  crash(reason: string): never {
    if (this.life.alive) this.life.crashes(reason);
    throw new Ended('the process has crashed');
  }

  onTerminate(handler: () => void | Promise<void>): void {
    this.life.terminate = handler;
  }
}
