/** What is shown while seeds run: one line in place on a terminal, a plain line now and then elsewhere. */
import type { createLogUpdate } from 'log-update';
import type { Progress } from '../campaign/explore.ts';
import { pc } from '../tell/colour.ts';
import { count, counted, duration } from '../tell/words.ts';

/** Whatever state of work it is. */
interface Status {
  /** How much of it is done, from 0 to 1. */
  readonly share: number;
  readonly words: string;
  readonly wallMs: number;
}

export interface StatusView {
  update(status: Status): void;
  /** The last state goes away (terminal) or stays (plain lines). */
  done(): void;
}

export interface ProgressView {
  update(progress: Progress): void;
  done(): void;
}

const PLAIN_EVERY_MS = 5_000;

export function progressView(name: string, quiet: boolean): ProgressView {
  const view = statusView(name, quiet);
  return {
    update: (progress) => {
      const { runs, seeds, wallMs } = progress;
      view.update({
        share: seeds === undefined ? 0 : runs / seeds,
        words: inWords(progress),
        wallMs,
      });
    },
    done: () => view.done(),
  };
}

/** Nothing is shown when `quiet`, as under `--json`. */
export function statusView(name: string, quiet: boolean): StatusView {
  if (quiet) return { update: () => {}, done: () => {} };
  return process.stderr.isTTY && !process.env['CI'] ? liveLine(name) : plainLines(name);
}

function liveLine(name: string): StatusView {
  let log: ReturnType<typeof createLogUpdate> | undefined;
  let over = false;
  // Not loaded where nobody looks at a terminal.
  void import('log-update').then((loaded) => {
    if (!over) log = loaded.createLogUpdate(process.stderr);
  });
  return {
    update: ({ share, words }) => log?.(`${pc.bold(name)}  ${bar(share)}  ${words}`),
    done: () => {
      over = true;
      log?.clear();
    },
  };
}

function plainLines(name: string): StatusView {
  let nextMs = PLAIN_EVERY_MS;
  return {
    update: ({ words, wallMs }) => {
      if (wallMs < nextMs) return;
      nextMs = wallMs + PLAIN_EVERY_MS;
      process.stderr.write(`${name}: ${words}\n`);
    },
    done: () => {},
  };
}

function bar(share: number): string {
  const cells = 20;
  const full = Math.min(cells, Math.floor(share * cells));
  return pc.green('█'.repeat(full)) + pc.dim('░'.repeat(cells - full));
}

function inWords({ runs, seeds, virtualMs, wallMs, failures, sometimes }: Progress): string {
  const perSecond = runs / Math.max(0.001, wallMs / 1000);
  const speed = virtualMs / Math.max(1, wallMs);
  const names = [...sometimes.values()];
  const seen = names.filter((held) => held > 0).length;
  const parts = [
    counted(runs, seeds === undefined ? 'run' : 'seed'),
    `${count(perSecond)}/s`,
    `virtual ${duration(virtualMs)} (${count(speed)} x real)`,
    failures === 0 ? 'no failures' : pc.red(counted(failures, 'failure')),
  ];
  if (names.length > 0) parts.push(`sometimes ${seen} of ${names.length}`);
  return parts.join(', ');
}
