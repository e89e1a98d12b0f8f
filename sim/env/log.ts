import type { Plain } from './net.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured lines, kept with the run and shown for a failing seed. */
export type Log = {
  readonly [level in LogLevel]: (
    message: string,
    fields?: { readonly [key: string]: Plain },
  ) => void;
};

/** Marks a moment in the recorded run: `trace('raft.elected', { term })`. */
export type Trace = (event: string, fields?: { readonly [key: string]: Plain }) => void;
