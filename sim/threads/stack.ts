/** Stacks as their readers want them: the program's own frames. Those of worlds are so already. */
import { fileURLToPath } from 'node:url';

/** Frames from the first of these on are the driver's. */
const DRIVER = / (ThreadState|ThreadsEngine)\.\w+ /;

const HERE = new URL('.', import.meta.url);
/** Where the methods stand that make steps. */
const MAKERS = [fileURLToPath(HERE), HERE.pathname].flatMap((folder) => [
  `${folder}objects.`,
  `${folder}thread.`,
]);

/** The frames of the body in which a method has called `make`, without a message. */
export function framesBelow(make: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, make);
  const [, method = '', ...below] = holder.stack?.split('\n') ?? [];
  const isOurs = MAKERS.some((file) => method.includes(file));
  return withoutDriver((isOurs ? below : [method, ...below]).join('\n'));
}

/** The stack up to where the driver called, without the generators' own frames. */
export function withoutDriver(stack: string): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => DRIVER.test(line));
  const inner = end < 0 ? lines : lines.slice(0, end);
  return inner.filter((line) => !line.endsWith('.next (<anonymous>)')).join('\n');
}

/** The innermost frame of a stack without its message: `at deposit (bank.ts:12:5)`. */
export function placeOf(frames: string): string {
  return frames.split('\n', 1)[0]!.trim();
}
