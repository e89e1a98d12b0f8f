/** The story that is explained: which of its sentences tell of a step. */
import { grouped } from '../check/grouped.ts';
import type { Sentence } from '../shrink/narrative.ts';
import type { SeenStep } from './watch.ts';

export class ToldStory {
  readonly sentences: readonly Sentence[];
  private readonly byStep: ReadonlyMap<number, readonly Sentence[]>;
  private readonly numbers: ReadonlyMap<string, number>;

  /** `steps` are those of the story's own run. */
  constructor(sentences: readonly Sentence[], steps: readonly SeenStep[]) {
    this.sentences = sentences;
    this.numbers = new Map(steps.map(({ key, number }) => [key, number]));
    this.byStep = grouped(sentences, ({ step }) => step);
  }

  /** What the story tells of a step, which may be one of another run; nothing, where it looks beyond. */
  sentencesOf({ key }: Pick<SeenStep, 'key'>): readonly Sentence[] {
    return this.byStep.get(this.numbers.get(key) ?? -1) ?? [];
  }

  /** Whether a sentence is of this step of the story's run. */
  tells(step: number): boolean {
    return this.byStep.has(step);
  }

  /** How many of its sentences are over when this step of the story's run is. */
  toldBy(step: number): number {
    const later = this.sentences.findIndex((sentence) => sentence.step > step);
    return later < 0 ? this.sentences.length : later;
  }
}
