import type { Process } from '../env/process.ts';
import type { Incarnation } from '../node/incarnation.ts';
import { Ended } from './ended.ts';

/** `env.process` of one incarnation. */
export class SimProcess implements Process {
  private readonly life: Incarnation;

  constructor(life: Incarnation) {
    this.life = life;
  }

  get incarnation(): number {
    return this.life.number;
  }

  exit(code = 0): never {
    const { node } = this.life;
    if (this.life.alive) {
      node.world.note(node, `exits with code ${code}`);
      this.life.finished = true;
      this.life.end();
      if (code === 0) node.world.mainReturned(this.life);
      else node.world.exited(node, code);
    }
    throw new Ended('the process has exited');
  }

  crash(reason: string): never {
    const { node } = this.life;
    if (this.life.alive) {
      node.world.note(node, `crashes: ${reason}`);
      node.crash();
      node.world.crashed(node, reason);
    }
    throw new Ended('the process has crashed');
  }

  onTerminate(handler: () => void | Promise<void>): void {
    this.life.terminate = handler;
  }
}
