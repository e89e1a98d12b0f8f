/** `; did you mean 'swarm'?` when one of the words is close to what was written, else nothing. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

/** As {@link didYouMean}; where no word is close, all of them: `; there are: calm, swarm`. */
export function hintTo(written: string, words: Iterable<string>): string {
  const all = [...words];
  return didYouMean(written, all) || `; there are: ${all.join(', ')}`;
}

/** What is wrong with the first option of no known name; undefined where all are known. */
export function unknownOption(given: object, known: readonly string[]): string | undefined {
  const wrong = Object.keys(given).find((key) => !known.includes(key));
  return wrong === undefined ? wrong : `there is no option '${wrong}'${hintTo(wrong, known)}`;
}

/** What is wrong with a value that is none of the words; undefined where it is one, or not given. */
export function unknownValue(
  option: string,
  value: unknown,
  known: readonly string[],
): string | undefined {
  if (value === undefined || known.includes(value as string)) return undefined;
  const hint = typeof value === 'string' ? didYouMean(value, known) : '';
  return `${option} is one of ${known.join(', ')}, not ${written(value)}${hint}`;
}

/** A value as a message about it says it: short, whatever it is. */
export function written(value: unknown): string {
  if (typeof value === 'string') {
    return `'${value.length > WRITTEN_MAX ? `${value.slice(0, WRITTEN_MAX)}…` : value}'`;
  }
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return value === null || typeof value !== 'object' ? String(value) : 'an object';
}

/** The word that fewest typing errors, at most one in three letters, turn into `written`. */
export function nearest(written: string, words: Iterable<string>): string | undefined {
  if (written.length > WRITTEN_MAX) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(written.length / 3)) + 1;
  for (const word of words) {
    if (Math.abs(word.length - written.length) >= least) continue;
    const errors = typingErrors(written.toLowerCase(), word.toLowerCase());
    if (errors >= least) continue;
    best = word;
    least = errors;
  }
  return best;
}

const WRITTEN_MAX = 100;

/**
 * Letters inserted, left out, replaced, or swapped with their neighbour: optimal string alignment
 * (F. Damerau, "A technique for computer detection and correction of spelling errors", CACM 1964).
 */
function typingErrors(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, before[j - 2]! + 1);
      }
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
