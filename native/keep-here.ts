import { markAsUntransferable } from 'node:worker_threads';

/**
 * Keeps native memory from being posted to another thread. From Node.js 22 on it is refused as it
 * is; there a mark would be a detach key (24), for want of which `close` could not detach.
 */
export function keepHere(buffer: ArrayBuffer): void {
  if (!('transfer' in buffer)) markAsUntransferable(buffer);
}
