/**
 * `console` of a simulated process (https://console.spec.whatwg.org, formatted as Node.js does): what
 * it prints is kept with the run, and its timers run on virtual time.
 */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { formatWithOptions, type InspectOptions, inspect } from 'node:util';
import type { OutputStream } from '../sched/sink.ts';

export interface Printer {
  print(stream: OutputStream, text: string): void;
  nowMs(): number;
}

const INDENT = 2;
const PLAIN = { colors: false };

export class NodeConsole {
  private readonly printer: Printer;
  private indent = '';
  private readonly counts = new Map<string, number>();
  private readonly timers = new Map<string, number>();

  constructor(printer: Printer) {
    this.printer = printer;
    // Methods are used on their own: `const { log } = console`, `.catch(console.error)`.
    for (const name of CONSOLE_METHODS) this[name] = (this[name] as () => void).bind(this);
  }

  log(...data: unknown[]): void {
    this.write('stdout', formatWithOptions(PLAIN, ...data));
  }

  info(...data: unknown[]): void {
    this.log(...data);
  }

  debug(...data: unknown[]): void {
    this.log(...data);
  }

  error(...data: unknown[]): void {
    this.write('stderr', formatWithOptions(PLAIN, ...data));
  }

  warn(...data: unknown[]): void {
    this.error(...data);
  }

  trace(...data: unknown[]): void {
    const holder = { name: 'Trace', message: formatWithOptions(PLAIN, ...data), stack: '' };
    Error.captureStackTrace(holder, this.trace);
    this.error(holder.stack);
  }

  assert(condition?: unknown, ...data: unknown[]): void {
    if (condition) return;
    if (typeof data[0] === 'string') data[0] = `Assertion failed: ${data[0]}`;
    else data.unshift('Assertion failed');
    this.error(...data);
  }

  dir(item?: unknown, options?: InspectOptions): void {
    this.write('stdout', inspect(item, { customInspect: false, ...options, colors: false }));
  }

  dirxml(...data: unknown[]): void {
    this.log(...data);
  }

  /** Node.js lays the table out; it has no other way to than to print it. */
  table(data?: unknown, columns?: readonly string[]): void {
    let text = '';
    const stdout = new Writable({
      write: (chunk, _encoding, done) => {
        text += chunk;
        done();
      },
    });
    const { table } = new Console({ stdout, colorMode: false });
    table(data, columns && [...columns]);
    this.write('stdout', text.replace(/\n$/, ''));
  }

  group(...data: unknown[]): void {
    if (data.length > 0) this.log(...data);
    this.indent += ' '.repeat(INDENT);
  }

  groupCollapsed(...data: unknown[]): void {
    this.group(...data);
  }

  groupEnd(): void {
    this.indent = this.indent.slice(INDENT);
  }

  count(label: unknown = 'default'): void {
    const count = (this.counts.get(`${label}`) ?? 0) + 1;
    this.counts.set(`${label}`, count);
    this.log(`${label}: ${count}`);
  }

  countReset(label: unknown = 'default'): void {
    this.counts.delete(`${label}`);
  }

  time(label: unknown = 'default'): void {
    if (!this.timers.has(`${label}`)) this.timers.set(`${label}`, this.printer.nowMs());
  }

  timeLog(label: unknown = 'default', ...data: unknown[]): void {
    const since = this.timers.get(`${label}`);
    if (since === undefined) return;
    this.log(`${label}: ${(this.printer.nowMs() - since).toFixed(3)}ms`, ...data);
  }

  timeEnd(label: unknown = 'default'): void {
    this.timeLog(label);
    this.timers.delete(`${label}`);
  }

  clear(): void {}
  profile(): void {}
  profileEnd(): void {}
  timeStamp(): void {}

  private write(stream: OutputStream, text: string): void {
    const { indent } = this;
    const lines = indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`);
    this.printer.print(stream, `${lines}\n`);
  }
}

type Method = Exclude<keyof NodeConsole, symbol>;

export const CONSOLE_METHODS: readonly Method[] = [
  'log',
  'info',
  'debug',
  'error',
  'warn',
  'trace',
  'assert',
  'dir',
  'dirxml',
  'table',
  'group',
  'groupCollapsed',
  'groupEnd',
  'count',
  'countReset',
  'time',
  'timeLog',
  'timeEnd',
  'clear',
  'profile',
  'profileEnd',
  'timeStamp',
];

/** What a stream is given to write, as text. */
export function textOf(chunk: unknown): string {
  return typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
}

/** A warning as Node.js prints it, without the process's number. */
export function warningInWords(warning: unknown, typeOrOptions: unknown): string {
  const type =
    typeof typeOrOptions === 'string'
      ? typeOrOptions
      : (typeOrOptions as { type?: string } | undefined)?.type;
  const { name, message } = Object(warning) as { name?: string; message?: string };
  return message === undefined ? `${type ?? 'Warning'}: ${warning}` : `${name}: ${message}`;
}
