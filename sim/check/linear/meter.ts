/** Counts steps against a limit, inside a model's step as well. */
export class Meter {
  steps = 0;
  stepsMax: number;

  constructor(stepsMax: number) {
    this.stepsMax = stepsMax;
  }

  /** Leaves the innermost {@link limit} when the limit is passed. */
  readonly spend = (steps: number): void => {
    this.steps += steps;
    if (this.steps > this.stepsMax) throw new StepsSpent(this);
  };

  /** What `compute` returns, or `steps` if it spends more than there is. */
  limit<T>(compute: () => T): T | 'steps' {
    try {
      return compute();
    } catch (error) {
      if (error instanceof StepsSpent && error.meter === this) return 'steps';
      throw error;
    }
  }
}

class StepsSpent extends Error {
  override readonly name = 'StepsSpent';
  readonly meter: Meter;

  constructor(meter: Meter) {
    super('more steps than the limit allows');
    this.meter = meter;
  }
}
