import picocolors from 'picocolors';

const { CI, FORCE_COLOR } = process.env;
const isWanted = FORCE_COLOR !== undefined || (process.stdout.isTTY === true && CI === undefined);

/** Colours for a person at a terminal: none elsewhere, in CI, or with `NO_COLOR`. */
export const pc: ReturnType<typeof picocolors.createColors> = picocolors.createColors(
  isWanted && picocolors.isColorSupported,
);
