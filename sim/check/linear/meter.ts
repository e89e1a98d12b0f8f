/** Counts steps against a limit, inside a model's step as well, and the memory that its states take. */
export class Meter {
  steps = 0;
  stepsMax: number;
  /** Words of four bytes, as far as they can be told from the states' printed forms. */
  words = 0;
  readonly #wordsMax: number;

  constructor(stepsMax: number, wordsMax: number = Number.POSITIVE_INFINITY) {
    this.stepsMax = stepsMax;
    this.#wordsMax = wordsMax;
  }

  /** Leaves the innermost {@link limit} when the limit is passed. */
  readonly spend = (steps: number): void => {
    this.steps += steps;
    if (this.steps > this.stepsMax) throw new Exceeded(this, 'steps');
  };

  /** The same for memory, which is kept as long as the meter. */
  readonly hold = (words: number): void => {
    this.words += words;
    if (this.words > this.#wordsMax) throw new Exceeded(this, 'memory');
  };

  /** What `compute` returns, or which limit it passed. */
  limit<T>(compute: () => T): T | 'steps' | 'memory' {
    try {
      return compute();
    } catch (error) {
      if (error instanceof Exceeded && error.meter === this) return error.what;
      throw error;
    }
  }
}

class Exceeded extends Error {
  override readonly name = 'Exceeded';
  readonly meter: Meter;
  readonly what: 'steps' | 'memory';

  constructor(meter: Meter, what: 'steps' | 'memory') {
    super(`more ${what} than the limit allows`);
    this.meter = meter;
    this.what = what;
  }
}
