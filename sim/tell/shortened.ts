/** A long story on few lines: its beginning and its end, each sentence with its own number. */
import { count } from './words.ts';

/** Sentences of one run that somebody asks for, on the screen and in a story's file. */
export const REPLAYED_MAX = 1_000;
/** Of what is told: the end is where it fails. */
const BEGINNING = 0.3;

/** At most so many sentences, and a line for those between that are left out; `hint` ends that line. */
export function shortened(
  sentences: readonly string[],
  sentencesMax: number,
  hint = '',
): readonly string[] {
  const left = sentences.length - sentencesMax;
  if (left <= 0) return sentences;
  const first = Math.floor(sentencesMax * BEGINNING);
  const are = left === 1 ? 'sentence is' : 'sentences are';
  return [
    ...sentences.slice(0, first),
    `… ${count(left)} ${are} left out${hint}`,
    ...sentences.slice(first + left),
  ];
}
