/** The process a program runs in. */
export interface Process {
  /** 0 at the first start of a node, one more at every restart. */
  readonly incarnation: number;

  /** Ends this incarnation in good order: code 0 is success, any other fails the run. */
  exit(code?: number): never;

  /** Ends this incarnation at once, as a power cut would; the harness may restart it. */
  crash(reason: string): never;

  /**
   * Called when the node is asked to stop (SIGTERM live). It has until its promise settles, at
   * most `graceMs` of the stop request; without a handler the node just ends.
   */
  onTerminate(handler: () => void | Promise<void>): void;
}
