/** What is shown while seeds run: one line in place on a terminal, a plain line now and then elsewhere. */
import { createLogUpdate } from 'log-update';
import type { Progress } from '../campaign/explore.ts';
import { pc } from '../tell/colour.ts';
import { count, counted, duration } from '../tell/words.ts';

export interface ProgressView {
  update(progress: Progress): void;
  /** The last state goes away (terminal) or stays (plain lines). */
  done(): void;
}

const PLAIN_EVERY_MS = 5_000;

/** Nothing is shown when `quiet`, as under `--json`. */
export function progressView(name: string, quiet: boolean): ProgressView {
  if (quiet) return { update: () => {}, done: () => {} };
  return process.stderr.isTTY && !process.env['CI'] ? liveLine(name) : plainLines(name);
}

function liveLine(name: string): ProgressView {
  const log = createLogUpdate(process.stderr);
  return {
    update: (progress) => log(`${pc.bold(name)}  ${bar(progress)}  ${inWords(progress)}`),
    done: () => log.clear(),
  };
}

function plainLines(name: string): ProgressView {
  let nextMs = PLAIN_EVERY_MS;
  return {
    update: (progress) => {
      if (progress.wallMs < nextMs) return;
      nextMs = progress.wallMs + PLAIN_EVERY_MS;
      process.stderr.write(`${name}: ${inWords(progress)}\n`);
    },
    done: () => {},
  };
}

function bar({ runs, seeds }: Progress): string {
  const cells = 20;
  const full = Math.min(cells, Math.floor((runs / seeds) * cells));
  return pc.green('█'.repeat(full)) + pc.dim('░'.repeat(cells - full));
}

function inWords({ runs, virtualMs, wallMs, failures, sometimes }: Progress): string {
  const perSecond = runs / Math.max(0.001, wallMs / 1000);
  const speed = virtualMs / Math.max(1, wallMs);
  const names = Object.values(sometimes);
  const seen = names.filter((held) => held > 0).length;
  const parts = [
    counted(runs, 'seed'),
    `${count(perSecond)}/s`,
    `virtual ${duration(virtualMs)} (${count(speed)} x real)`,
    failures === 0 ? 'no failures' : pc.red(counted(failures, 'failure')),
  ];
  if (names.length > 0) parts.push(`sometimes ${seen} of ${names.length}`);
  return parts.join(', ');
}
