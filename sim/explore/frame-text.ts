/** Frames of a program in reports, read back: `buy (shop.ts:15:21)`, `shop.ts:15:21`. */
import { resolve } from 'node:path';

export interface FrameAt {
  /** Absolute. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** Undefined for text that is no frame of a file. */
export function frameIn(text: string): FrameAt | undefined {
  const found = /^(?:.*\()?([^()]+?):(\d+):(\d+)\)?$/.exec(text.trim().replace(/^at /, ''));
  if (found === null || found[1]!.startsWith('node:')) return undefined;
  const [, file, line, column] = found;
  return { file: resolve(file!), line: Number(line), column: Number(column) };
}
