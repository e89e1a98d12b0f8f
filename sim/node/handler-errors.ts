/**
 * What handlers of requests threw that is most likely a mistake in the program: the caller sees a remote
 * error, as it would of a peer that is in trouble, and goes on. Where every seed of an exploration saw
 * the same one, nothing behind that request was tested, however green it is.
 */
import { boundedLine } from '../trace/told.ts';

export class HandlerErrors {
  /** The message that came first, by what threw: `server's 'add' threw TypeError`. */
  readonly seen: Map<string, string> = new Map();

  /** Other errors are words of a protocol: `not the leader`. */
  note(role: string, method: string, error: unknown): void {
    if (!(error instanceof TypeError || error instanceof ReferenceError)) return;
    const what = `${role}'s '${method}' threw ${error.name}`;
    if (!this.seen.has(what)) this.seen.set(what, boundedLine(String(error.message)));
  }
}
