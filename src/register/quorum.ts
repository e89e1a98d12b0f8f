/**
 * The multi-writer quorum register: N. Lynch and A. Shvartsman, "Robust Emulation of Shared Memory
 * Using Dynamic Quorum-Acknowledged Broadcasts", FTCS 1997, section 3, after H. Attiya, A. Bar-Noy
 * and D. Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 1995.
 *
 *     read    query a majority, take the newest, store it at a majority, return it
 *     write   query a majority, store (newest sequence + 1, own name, value) at a majority
 *
 * The read's second phase, the write-back, is what makes a value that one read returned visible to
 * every later one.
 */
import type { Env } from '../../sim/env/env.ts';
import { NetError, type Plain } from '../../sim/env/net.ts';
import { newest, type Tagged } from './tagged.ts';

export interface QuorumOptions {
  readonly replicas: readonly string[];
  /** How long one request waits for its reply. */
  readonly requestMs: number;
  /** How long an operation goes on asking before it gives up. */
  readonly giveUpMs: number;
  /** Without, reads are regular but not atomic. */
  readonly writeBack: boolean;
}

/** No majority answered in time: the operation may have taken effect, or may yet. */
export class NoQuorum extends Error {
  override readonly name = 'NoQuorum';
}

export class QuorumRegister {
  private readonly env: Env;
  private readonly options: QuorumOptions;

  constructor(env: Env, options: QuorumOptions) {
    this.env = env;
    this.options = options;
  }

  /** @throws NoQuorum */
  async read(): Promise<Plain> {
    const found = newest((await this.ask('query', null)) as Tagged[]);
    if (this.options.writeBack) await this.ask('store', found);
    return found.value;
  }

  /** @throws NoQuorum */
  async write(value: Plain): Promise<void> {
    const found = newest((await this.ask('query', null)) as Tagged[]);
    const tagged = { sequence: found.sequence + 1, writer: this.env.name, value };
    await this.ask('store', tagged);
  }

  /** Asks every replica until a majority has answered; resolves with those answers. */
  private ask(method: string, body: Plain): Promise<Plain[]> {
    const { env, options } = this;
    const { replicas } = options;
    const majority = Math.floor(replicas.length / 2) + 1;
    const untilMs = env.clock.monotonicMs() + options.giveUpMs;
    return new Promise((resolve, reject) => {
      const answers: Plain[] = [];
      let over = false;
      const askOne = async (replica: string): Promise<void> => {
        while (!over && env.clock.monotonicMs() < untilMs) {
          try {
            answers.push(
              await env.net.call(replica, method, body, { timeoutMs: options.requestMs }),
            );
            if (answers.length !== majority) return;
            over = true;
            resolve(answers);
            return;
          } catch (error) {
            if (!(error instanceof NetError)) throw error;
            if (error.code !== 'timed-out') await env.timers.sleep(options.requestMs);
          }
        }
        if (over) return;
        over = true;
        reject(new NoQuorum(`no majority answered '${method}' in ${options.giveUpMs} ms`));
      };
      for (const replica of replicas) askOne(replica).catch(reject);
    });
  }
}
