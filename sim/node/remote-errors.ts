/**
 * What handlers of requests have thrown. A caller is told the message only, as over a wire; where it
 * leaves that uncaught, the failure tells the handler's error too.
 */
import type { NetError } from '../env/net.ts';
import type { RequestName } from '../env/requests.ts';

/** Replies may be lost, and then nobody asks. */
const WAITING_MAX = 1_000;

export class RemoteErrors {
  /** By request, the oldest first, until the caller hears of it. */
  private readonly waiting = new Map<string, unknown>();
  private readonly behind = new WeakMap<
    NetError,
    { readonly to: string; readonly thrown: unknown }
  >();

  thrown(thrown: unknown, request: RequestName): void {
    for (const oldest of this.waiting.keys()) {
      if (this.waiting.size < WAITING_MAX) break;
      this.waiting.delete(oldest);
    }
    this.waiting.set(keyOf(request), thrown);
  }

  /** The caller's error for it has been made. */
  heard(error: NetError, request: RequestName): void {
    const key = keyOf(request);
    if (!this.waiting.has(key)) return;
    this.behind.set(error, { to: request.to, thrown: this.waiting.get(key) });
    this.waiting.delete(key);
  }

  /** What a handler threw, and on which node; undefined where that is not what this error tells. */
  behindError(error: unknown): { readonly to: string; readonly thrown: unknown } | undefined {
    return this.behind.get(error as NetError);
  }
}

function keyOf({ from, to, id }: RequestName): string {
  return `${from.host}:${from.port} ${to} ${id}`;
}
