/**
 * What an error says beyond its message and its stack: its own properties, what caused it, the
 * errors it gathers. Nothing of it is called: getters are the program's code.
 *
 *     code: 'E_LOAD', tries: 3
 *     caused by Error: refused
 *       code: 'ECONNREFUSED'
 *       at connect (load.mjs:4:9)
 */
import { framesOf } from './told.ts';
import { thrownInWords } from './violation.ts';

const DEEPEST = 4;
/** Of the errors that one gathers. */
const ERRORS_MAX = 8;
const PROPERTIES_MAX = 12;
const FRAMES_MAX = 3;

/** Lines, or undefined when there is nothing more to say. */
export function errorDetails(error: unknown): string | undefined {
  const lines = linesOf(error, new Set(), DEEPEST);
  return lines.length === 0 ? undefined : lines.join('\n');
}

/** An error that another one tells of: what it is, its details and where it was made, indented. */
export function errorWithin(relation: string, error: unknown): string {
  return within(relation, error, new Set(), DEEPEST).join('\n');
}

function linesOf(error: unknown, seen: Set<unknown>, depth: number): string[] {
  if (!isObject(error) || seen.has(error)) return [];
  seen.add(error);
  const lines: string[] = [];
  const properties = ownProperties(error);
  if (properties.length > 0) lines.push(properties.join(', '));
  if (depth === 0) return lines;
  const errors = ownValue(error, 'errors');
  if (Array.isArray(errors)) {
    for (const one of errors.slice(0, ERRORS_MAX)) {
      lines.push(...within('one of its errors:', one, seen, depth - 1));
    }
    const left = errors.length - ERRORS_MAX;
    if (left > 0) lines.push(`… ${left} more of its errors`);
  }
  const cause = ownValue(error, 'cause');
  if (cause !== undefined) lines.push(...within('caused by', cause, seen, depth - 1));
  return lines;
}

function within(relation: string, error: unknown, seen: Set<unknown>, depth: number): string[] {
  const known = seen.has(error);
  const head = `${relation} ${headOf(error)}${known ? ' (see above)' : ''}`;
  if (known) return [head];
  const below = [...linesOf(error, seen, depth), ...framesIn(error)];
  return [head, ...below.map((line) => `  ${line}`)];
}

/** `TypeError: the first line`. */
function headOf(error: unknown): string {
  if (!isObject(error)) return thrownInWords(error);
  const message = plainValue(error, 'message');
  if (typeof message !== 'string') return thrownInWords(error);
  const name = plainValue(error, 'name');
  const line = message.split('\n', 1)[0]!;
  return `${typeof name === 'string' ? name : 'Error'}${line === '' ? '' : `: ${line}`}`;
}

function framesIn(error: unknown): string[] {
  if (!isObject(error)) return [];
  const [message, stack] = [plainValue(error, 'message'), plainValue(error, 'stack')];
  if (typeof message !== 'string' || typeof stack !== 'string') return [];
  return framesOf({ message, stack })
    .slice(0, FRAMES_MAX)
    .map((frame) => frame.trim());
}

function ownProperties(error: object): string[] {
  const message = String(plainValue(error, 'message') ?? '');
  const shown: string[] = [];
  for (const key of Object.keys(error)) {
    if (TOLD.has(key)) continue;
    const value = ownValue(error, key);
    if (value === undefined || typeof value === 'function') continue;
    if (value === 'ERR_ASSERTION') continue;
    // As a DiskError's path: it need not be told twice.
    if (typeof value === 'string' && value !== '' && message.includes(value)) continue;
    if (shown.length === PROPERTIES_MAX) return [...shown, '…'];
    shown.push(`${key}: ${typeof value === 'string' ? `'${value}'` : thrownInWords(value)}`);
  }
  return shown;
}

/** Elsewhere, or of no use: `atMs` is when the failure came, an assertion's message has the rest. */
const TOLD = new Set([
  ...['name', 'message', 'stack', 'cause', 'errors', 'atMs'],
  ...['generatedMessage', 'operator', 'actual', 'expected', 'showDiff', 'diff'],
]);

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function ownValue(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

/** Its own or inherited, where it is plain data. */
function plainValue(object: object, key: string): unknown {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, key);
    if (found !== undefined) return found.value;
  }
  return undefined;
}
