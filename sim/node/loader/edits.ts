/** Changes to a text that keep its lines, and its columns as far as nothing is inserted. */
export class Edits {
  private readonly text: string;
  private readonly edits: { start: number; end: number; by: string }[] = [];

  constructor(text: string) {
    this.text = text;
  }

  /** Of several insertions at one place, the first made comes first. */
  insert(at: number, by: string): void {
    this.edits.push({ start: at, end: at, by });
  }

  /** Fills up with spaces when `by` is shorter; line breaks in the range stay. */
  replace(start: number, end: number, by: string): void {
    const rest = this.text.slice(start + by.length, end).replace(/[^\r\n\u2028\u2029]/g, ' ');
    this.edits.push({ start, end, by: by + rest });
  }

  blank(start: number, end: number): void {
    this.replace(start, end, '');
  }

  apply(): string {
    let out = '';
    let at = 0;
    // What is inserted at an end comes before what is replaced from there on.
    const sorted = this.edits.sort(
      (a, b) => a.start - b.start || Number(a.end > a.start) - Number(b.end > b.start),
    );
    for (const { start, end, by } of sorted) {
      out += this.text.slice(at, start) + by;
      at = end;
    }
    return out + this.text.slice(at);
  }
}
