/** Counts steps against a limit, inside a model's step as well. */
export class Meter {
  steps = 0;
  stepsMax: number;

  constructor(stepsMax: number) {
    this.stepsMax = stepsMax;
  }

  /** @throws StepsSpent when the limit is passed. */
  readonly spend = (steps: number): void => {
    this.steps += steps;
    if (this.steps > this.stepsMax) throw new StepsSpent();
  };
}

/** Leaves a computation whose limit is spent. Caught where the limit was set. */
export class StepsSpent extends Error {
  override readonly name = 'StepsSpent';
}
