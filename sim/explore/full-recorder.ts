/** Hears all that one run does: its steps, with what the digest was before each, and its events. */
import { Digest } from '../sched/digest.ts';
import type { BegunStep, StepWatcher } from '../sched/kernel.ts';
import type { RunEvent } from '../trace/event.ts';
import { type FullRecord, Steps } from '../trace/full-record.ts';
import { type FinishedRun, type RunnerOptions, runOne } from './runner.ts';
import type { RunSpec, Subject } from './subject.ts';

/** Hears the same run, for its own ends. */
interface Listener extends Pick<StepWatcher, 'began'> {
  readonly onEvent: (event: RunEvent) => void;
}

export class FullRecorder implements StepWatcher {
  /** Of actors, which have no names before the end, the numbers. */
  private readonly steps = new Steps();
  private readonly events: RunEvent[] = [];
  private readonly digest = new Digest();
  private readonly other: Listener | undefined;

  constructor(other?: Listener) {
    this.other = other;
  }

  /** What the run is to be given. */
  get spec(): Pick<RunSpec, 'digest' | 'onEvent' | 'watcher'> {
    return { digest: this.digest, onEvent: (event) => this.hears(event), watcher: this };
  }

  began(step: BegunStep): void {
    this.other?.began(step);
    this.steps.push({ ...step, actor: String(step.actor), before: this.digest.word });
  }

  /** After the run; `actors` are the names of those who ran its steps. */
  full(actors: readonly string[]): FullRecord {
    const steps = new Steps();
    for (const step of this.steps) steps.push({ ...step, actor: actors[Number(step.actor)] ?? '' });
    return { steps, events: this.events };
  }

  private hears(event: RunEvent): void {
    this.other?.onEvent(event);
    this.events.push(event);
  }
}

/** As `runOne`, with all that it did. @throws Stopped */
export async function runInFull(
  subject: Subject,
  spec: RunSpec,
  options: RunnerOptions = {},
): Promise<FinishedRun> {
  const recorder = new FullRecorder();
  const run = await runOne(subject, { ...spec, ...recorder.spec }, options);
  return { ...run, spec, full: recorder.full(run.actors) };
}
