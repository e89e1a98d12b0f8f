import type { Clock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { History } from './history.ts';
import type { Log, Trace } from './log.ts';
import type { Memory } from './memory.ts';
import type { Net, Plain } from './net.ts';
import type { Process } from './process.ts';
import type { Properties } from './properties.ts';
import type { Random } from './random.ts';
import type { Threads } from './threads.ts';
import type { Timers } from './timers.ts';

/**
 * All that a program may touch. The same program runs on the simulated one, where the seed decides
 * everything, and on the live one (`groundhog/live`): real sockets, files and clocks.
 */
export interface Env extends Properties {
  /** This node's name, which is its host name too: `replica-2`. */
  readonly name: string;
  readonly role: string;
  /** Position within the role, from 1. */
  readonly index: number;
  /** Host names of a role's nodes, in order, this node included. Throws on an unknown role. */
  peers(role: string): readonly string[];

  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly net: Net;
  readonly disk: Disk;
  readonly process: Process;
  readonly memory: Memory;
  readonly threads: Threads;
  readonly log: Log;
  readonly trace: Trace;
  readonly history: History;

  /**
   * Runs `body` as one operation of a workload, after a pause of `thinkMs` on average. In simulation its
   * decisions depend on the node, `label` and how many came before under it, and on nothing that
   * those did; a shrinker drops operations as wholes. Live, those that have not begun when the time
   * of the run is up are dropped. Resolves when it is done, or was dropped.
   */
  operation(
    label: string,
    options: { readonly thinkMs: number },
    body: () => Promise<void>,
  ): Promise<void>;

  /**
   * Shows a part of this program's state to debuggers, reports and state hashes. `snapshot` is
   * called between steps and must have no side effects.
   */
  observe(name: string, snapshot: () => Plain): void;

  /**
   * A hint to guided campaigns: the larger the value, the nearer this run has come to something rare,
   * as the length of a queue that should stay short. They go on from the largest that they have seen.
   * It changes nothing of a run, and does nothing live. @throws TypeError for what is no number.
   */
  maximise(name: string, value: number): void;
  /** The same, the smaller the nearer: the distance of two clocks, the room that is left. */
  minimise(name: string, value: number): void;

  /**
   * A fault point of the program's own: in some runs, at some of its visits, true; always false
   * live. A site is armed for a run with chance 1/4, and an armed one fires with chance 1/4.
   */
  buggify(site: string): boolean;
}

/** What a program module exports. `args` is plain data from the scenario. */
export type Program<Args extends Plain = Plain> = (env: Env, args: Args) => Promise<void>;
