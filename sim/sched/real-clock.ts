/** Real ms. The original: programs under test may run while `performance.now` is replaced. */
export const now: () => number = performance.now.bind(performance);
