/** Whom the running step belongs to, for what reaches us around the kernel: errors and output. */

export type OutputStream = 'stdout' | 'stderr';

/** The kernel of the world that runs. */
export interface Sink {
  readonly nowNs: number;
  /** Who runs the present step. */
  readonly current: object;
  /** `rejected` is the promise when the error is a rejection that nobody handles. */
  uncaught(error: unknown, rejected?: Promise<unknown>): void;
  print(stream: OutputStream, text: string): void;
}

let sink: Sink | undefined;

export function currentSink(): Sink | undefined {
  return sink;
}

/** Errors and output go to this world from here on; to nobody when undefined. */
export function routeTo(to: Sink | undefined): void {
  sink = to;
}
