/** What the end of a process means that the run did not kill. */
import { neverReached } from '../env/assert.ts';
import type { Finding } from '../scenario/weigh.ts';
import type { Entry } from './journal.ts';

/** How a process ended: by itself with a status, by a signal, or never began. */
export type Exit =
  | { readonly by: 'status'; readonly status: number }
  | { readonly by: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly by: 'error'; readonly error: Error };

/**
 * - `finished`: its program is done
 * - `stopped`: it did what it was asked to; `forced`: it had to be made to
 * - `crashed`: it ended itself as a power cut would, and is to be started again
 * - `broken`: it should not have
 * - `absent`: the machine could not start it
 */
export type Ending =
  | { readonly is: 'finished' | 'stopped' | 'forced' }
  | { readonly is: 'crashed'; readonly reason: string }
  | { readonly is: 'broken'; readonly finding: Finding }
  | { readonly is: 'absent'; readonly reason: string };

export interface Circumstances {
  /** The run had asked it to stop. */
  readonly asked: boolean;
  /** The run was interrupted while this process had not begun its program. */
  readonly interruptedAtStart: boolean;
  /** What its journal says of the end. */
  readonly said: Extract<Entry, { is: 'exit' | 'crash' }> | undefined;
}

export function endingOf(exit: Exit, circumstances: Circumstances): Ending {
  const { asked, interruptedAtStart, said } = circumstances;
  switch (exit.by) {
    case 'error':
      return { is: 'absent', reason: exit.error.message };
    case 'signal':
      if (said?.is === 'crash' && exit.signal === 'SIGKILL') {
        return { is: 'crashed', reason: said.reason };
      }
      // Between fork and exec a process is in its supervisor's group, where Ctrl-C reaches it.
      if (interruptedAtStart && exit.signal === 'SIGINT') {
        return { is: 'crashed', reason: 'interrupted before it began' };
      }
      if (asked) return { is: exit.signal === 'SIGKILL' ? 'forced' : 'stopped' };
      return broken('signal', `ended by ${exit.signal}`);
    case 'status': {
      // The status has eight bits; what the program said has all of them.
      const code = said?.is === 'exit' ? said.code : exit.status;
      if (code !== 0) return broken('exit code', `exited with code ${code}`);
      return { is: asked ? 'stopped' : 'finished' };
    }
    default:
      return neverReached(exit);
  }
}

function broken(property: string, message: string): Ending {
  return { is: 'broken', finding: { property, message } };
}
