/** Blocks that nobody freed, by their tag and by where they were allocated. */
export interface Leak {
  /** Undefined where the words before the blocks were overwritten. */
  readonly tag: string | undefined;
  readonly blocks: number;
  readonly bytes: number;
  /** The calls that led to the allocation, innermost first, if the pool keeps them. */
  readonly stack: readonly string[] | undefined;
}

interface Block {
  readonly offset: number;
  readonly bytes: number;
  readonly tag: string | undefined;
}

/** Where the live blocks of a pool were allocated. */
export class AllocationStacks {
  readonly #ofBlock = new Map<number, string>();

  /** The caller's stack, without the frames from `above` on. */
  static capture(above: (...args: never[]) => unknown): string {
    const holder = { stack: '' };
    Error.captureStackTrace(holder, above);
    return String(holder.stack);
  }

  allocated(offset: number, stack: string): void {
    this.#ofBlock.set(offset, stack);
  }

  freed(offset: number): void {
    this.#ofBlock.delete(offset);
  }

  of(offset: number): string | undefined {
    return this.#ofBlock.get(offset);
  }
}

/** The largest first; of equal ones that of the lower offset. */
export function leaksOf(blocks: readonly Block[], stacks: AllocationStacks | undefined): Leak[] {
  const leaks = new Map<string, { -readonly [Key in keyof Leak]: Leak[Key] }>();
  for (const { offset, bytes, tag } of blocks) {
    const stack = stacks?.of(offset);
    const key = JSON.stringify([tag, stack]);
    const leak = leaks.get(key);
    if (leak) {
      leak.blocks += 1;
      leak.bytes += bytes;
    } else {
      leaks.set(key, {
        tag,
        blocks: 1,
        bytes,
        stack: stack === undefined ? undefined : frames(stack),
      });
    }
  }
  return [...leaks.values()].sort((a, b) => b.bytes - a.bytes);
}

/** `    at name (file:line:column)`, a line each, below a first line that names the error. */
function frames(stack: string): string[] {
  const lines = stack.split('\n').slice(1);
  return lines.map((line) => line.replace(/^\s*at /, ''));
}
