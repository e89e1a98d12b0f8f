/**
 * What a live node reports, in a file that a `kill -9` at any moment leaves readable: each entry is
 * one line, written by one write() before the program goes on. UTF-8, JSON as in sim/env/plain.ts.
 *
 *     {"is":"start","atNs":81200310,"incarnation":0}
 *     {"is":"invoke","atNs":90100042,"call":0,"operation":"write","input":7}
 *     {"is":"end","atNs":93400511,"call":0,"outcome":"ok","output":null}
 *
 * `atNs` is nanoseconds on the machine's monotonic clock since the run's origin, so entries of all
 * nodes lie on one order. Calls are counted anew in each incarnation, which begins with an empty
 * line and `start`: what a kill has cut short is the line before those, and nothing else.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { assert } from '../env/assert.ts';
import type { LogLevel } from '../env/log.ts';
import type { Plain } from '../env/net.ts';
import { decodePlain, encodePlain, PlainError } from '../env/plain.ts';
import type { Violation } from '../trace/violation.ts';
import { Tail } from './tail.ts';

type Fields = { readonly [key: string]: Plain };

/** What was broken, in the words of the node that saw it. */
export type Broken = Pick<Violation, 'property' | 'message' | 'stack'>;

export type Report =
  | { readonly is: 'start'; readonly incarnation: number }
  | {
      readonly is: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields?: Fields;
    }
  | { readonly is: 'trace'; readonly event: string; readonly fields?: Fields }
  | {
      readonly is: 'invoke';
      readonly call: number;
      readonly operation: string;
      readonly input: Plain;
    }
  | {
      readonly is: 'end';
      readonly call: number;
      readonly outcome: 'ok' | 'fail' | 'unknown';
      readonly output?: Plain;
      readonly reason?: string;
    }
  /** A `sometimes` or `reachable` was passed for the first time, or held for the first time. */
  | { readonly is: 'passed'; readonly name: string; readonly held: boolean }
  | ({ readonly is: 'broken' } & Broken)
  | { readonly is: 'exit'; readonly code: number }
  | { readonly is: 'crash'; readonly reason: string };

export type Entry = Report & { readonly atNs: number };

/** The writing end: one incarnation's. */
export class JournalFile {
  private readonly file: number;
  private readonly nowNs: () => number;

  constructor(path: string, options: { incarnation: number; nowNs: () => number }) {
    this.file = openSync(path, 'a');
    this.nowNs = options.nowNs;
    writeSync(this.file, '\n');
    this.write({ is: 'start', incarnation: options.incarnation });
  }

  write(report: Report): void {
    const { is, ...rest } = report;
    const bytes = encodePlain({ is, atNs: this.nowNs(), ...rest } as Plain);
    const line = Buffer.concat([bytes, NEWLINE]);
    const written = writeSync(this.file, line);
    assert(written === line.length, 'an entry is one write');
  }

  close(): void {
    closeSync(this.file);
  }
}

const NEWLINE = Buffer.from('\n');

/** The reading end, which may follow a file that is still being written. */
export class JournalReader {
  private readonly tail: Tail;
  private torn = false;

  constructor(path: string) {
    this.tail = new Tail(path);
  }

  /** Entries since the last call. */
  read(): Entry[] {
    const entries: Entry[] = [];
    for (const line of this.tail.newLines()) {
      const entry = decoded(line);
      if (entry !== undefined) {
        assert(!this.torn || entry.is === 'start', 'only a last line before a start is torn');
        entries.push(entry);
      }
      this.torn = entry === undefined;
    }
    return entries;
  }
}

/** The line's entry, or undefined when it is torn. */
function decoded(line: Uint8Array): Entry | undefined {
  try {
    return decodePlain(line) as unknown as Entry;
  } catch (error) {
    if (error instanceof PlainError) return undefined;
    throw error;
  }
}
