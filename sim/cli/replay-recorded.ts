/** `groundhog replay FILE.ghr --recorded`: what a run recorded in full did then, though its code be gone. */
import { existsSync, readFileSync } from 'node:fs';
import { narrate, numbered } from '../shrink/narrative.ts';
import { failureText, verdictInColour } from '../tell/failure-text.ts';
import { REPLAYED_MAX, shortened } from '../tell/shortened.ts';
import { count, seconds } from '../tell/words.ts';
import { decodeRun } from '../trace/ghr.ts';
import { EXIT, UsageError } from './exit.ts';
import { nothingBeside } from './recorded.ts';

export interface TellOptions {
  readonly twice?: boolean;
  readonly json?: boolean;
  readonly given?: readonly string[];
}

/** The exit code is that of the recorded verdict. @throws UsageError, GhrError */
export function tellRecorded(file: string, { twice, json, given }: TellOptions): number {
  if (!file.endsWith('.ghr')) throw new UsageError('--recorded is for a recorded run, FILE.ghr');
  nothingBeside(file, given);
  if (twice || json) {
    throw new UsageError(`--recorded runs nothing: leave out --${twice ? 'twice' : 'json'}`);
  }
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const { full, result, subject, groundhog } = decodeRun(readFileSync(file), file);
  if (full === undefined) {
    throw new UsageError(
      `${file} holds what its run decided, and not what it did: leave out --recorded to make it ` +
        'again, or record it by `groundhog run --record full`',
    );
  }
  const lines = [...shortened(numbered(narrate(full.events)), REPLAYED_MAX), ''];
  if (result.verdict !== 'passed') lines.push(failureText(subject.name, result), '');
  const { seed, verdict, steps, virtualMs, digest } = result;
  lines.push(
    `${subject.name}: seed ${seed} was ${verdictInColour(verdict)} after ${count(steps)} steps, ` +
      `virtual ${seconds(virtualMs)}, digest ${digest}, by groundhog ${groundhog}; nothing was run`,
  );
  process.stdout.write(`${lines.join('\n')}\n`);
  return EXIT[verdict];
}
