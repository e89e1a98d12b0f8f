/** What `run` does where nobody says; here by itself, so that `--help` can tell it and loads nothing else. */

/** How many seeds are run when none are asked for. */
export const SEEDS = 1_000;
/** Real ms after which no further one begins. */
export const BUDGET_MS = 30_000;
