import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 10;
const CHUNK_BYTES = 65_536;

/** Reads a file of lines that others append to. */
export class Tail {
  private readonly path: string;
  private readBytes = 0;
  private rest = Buffer.alloc(0);

  constructor(path: string) {
    this.path = path;
  }

  /** Lines completed since the last call, without empty ones. A file that is not there has none. */
  newLines(): Buffer[] {
    const text = Buffer.concat([this.rest, ...this.added()]);
    const lines: Buffer[] = [];
    let from = 0;
    for (let to = text.indexOf(NEWLINE); to >= 0; to = text.indexOf(NEWLINE, from)) {
      if (to > from) lines.push(text.subarray(from, to));
      from = to + 1;
    }
    this.rest = text.subarray(from);
    return lines;
  }

  private added(): Buffer[] {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    const chunks: Buffer[] = [];
    try {
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_BYTES);
        const bytes = readSync(file, chunk, 0, CHUNK_BYTES, this.readBytes);
        if (bytes === 0) return chunks;
        chunks.push(chunk.subarray(0, bytes));
        this.readBytes += bytes;
      }
    } finally {
      closeSync(file);
    }
  }
}
