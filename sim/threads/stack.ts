/** Stacks as their readers want them: the program's own frames. */

/** Frames from the first of these on are the driver's. */
const DRIVER = / (ThreadState|ThreadsEngine)\.\w+ /;

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
