/** What the programs of a run print: the last lines of it, shown when the run has failed. */
import type { OutputStream } from '../sched/sink.ts';

export interface PrintedLine {
  readonly node: string;
  readonly stream: OutputStream;
  readonly atNs: number;
  /** Without its end; cut where it is longer than 4,096 characters. */
  readonly text: string;
}

const LINES_MAX = 1_000;
const LINE_LENGTH_MAX = 4_096;

export class Output {
  /** Lines that were printed before those that are kept. */
  dropped = 0;
  private kept: PrintedLine[] = [];
  /** What has been printed since the last line's end, by node and stream. */
  private readonly open = new Map<string, string>();

  print(node: string, stream: OutputStream, atNs: number, text: string): void {
    const key = `${stream} ${node}`;
    const [last, ...whole] = `${this.open.get(key) ?? ''}${text}`.split('\n').reverse();
    for (const line of whole.reverse()) this.keep({ node, stream, atNs, text: cut(line) });
    if (last === '') this.open.delete(key);
    else this.open.set(key, cut(last!));
  }

  /** Lines in the order in which they ended; what has no end yet comes last. */
  lines(): readonly PrintedLine[] {
    const open = [...this.open].map(([key, text]) => {
      const [stream, node] = [key.slice(0, 6) as OutputStream, key.slice(7)];
      return { node, stream, atNs: this.kept.at(-1)?.atNs ?? 0, text };
    });
    return [...this.kept.slice(-LINES_MAX), ...open];
  }

  private keep(line: PrintedLine): void {
    this.kept.push(line);
    if (this.kept.length > LINES_MAX) this.dropped++;
    if (this.kept.length === 2 * LINES_MAX) this.kept = this.kept.slice(LINES_MAX);
  }
}

function cut(text: string): string {
  return text.length <= LINE_LENGTH_MAX ? text : `${text.slice(0, LINE_LENGTH_MAX - 1)}…`;
}
