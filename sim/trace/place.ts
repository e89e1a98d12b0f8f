/** A place in a text, both from 1; columns count UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Something wrong in a text file. `message` is one line without the file and the place. */
export interface Problem extends Place {
  readonly message: string;
}

/** The way from a document's root to a value: keys and indices. */
export type Path = readonly (string | number)[];

/** A document's value, and where its parts stand. */
export interface Located {
  readonly value: unknown;
  /** Of the value at `path`, or of its key; of the nearest value around it when it is not there. */
  placeOf(path: Path, part?: 'key' | 'value'): Place;
}

export function placeAt(text: string, offset: number): Place {
  let line = 1;
  let begin = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', begin)) {
    line++;
    begin = end + 1;
  }
  return { line, column: offset - begin + 1 };
}

/** `demo.scenario.yaml:3:5: what is wrong`, a line for each problem, from the top down. */
export function problemLines(file: string, problems: readonly Problem[]): string {
  return [...problems]
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
    .join('\n');
}

/** `roles.client.args[2]`; a key that is no plain word stands in quotes. */
export function pathInWords(path: Path): string {
  return path
    .map((part, i) => {
      if (typeof part === 'number') return `[${part}]`;
      if (/^[\w$-]+$/.test(part)) return i === 0 ? part : `.${part}`;
      return `[${JSON.stringify(part)}]`;
    })
    .join('');
}
