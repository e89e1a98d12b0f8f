/**
 * What must keep its order: one direction of a connection, the awaited calls of one handle. Only the
 * head of a lane is pending; the next one becomes pending when the head has run, so within a lane
 * sequence decides, never a draw.
 */
import { childHi, childLo, type Identity } from '../choice/identity.ts';
import { type Site, site } from '../choice/site.ts';
import { assert } from '../env/assert.ts';
import type { Slot, Target } from './agenda.ts';
import { type Kernel, type Origin, originOf, type Window } from './kernel.ts';

const AGAIN = site('lane.again');

interface Waiting {
  readonly target: Target;
  readonly argument: unknown;
  readonly lo: number;
  readonly hi: number;
  readonly span: number;
  readonly cause: number;
  readonly window: Window;
}

export class Lane implements Target {
  private readonly kernel: Kernel;
  private readonly site: Site;
  private readonly actor: number;
  private readonly origin: Origin;
  private readonly waiting: Waiting[] = [];
  /** Pending, in `slot`, or running. */
  private head: Waiting | undefined;
  private slot: Slot | undefined;

  /** `hash` tells this lane from others of the site. */
  constructor(kernel: Kernel, site: Site, actor: number, hash: number) {
    this.kernel = kernel;
    this.site = site;
    this.actor = actor;
    this.origin = originOf(site, hash);
  }

  /** `windowOf` the new step, whose identity it is given. */
  enqueue(target: Target, argument: unknown, windowOf: (step: Identity) => Window): void {
    const identity = this.kernel.nextIdentity(this.origin);
    const { lo, hi } = identity;
    const { span } = this.kernel.choices;
    const window = windowOf(identity);
    this.waiting.push({ target, argument, lo, hi, span, cause: this.kernel.steps, window });
    if (this.head === undefined) this.advance();
  }

  fire(): void {
    const { target, argument } = this.head!;
    this.slot = undefined;
    try {
      target.fire(argument);
    } finally {
      // Only now, since what has run may have come back as the next head, or have dropped it.
      this.advance();
    }
  }

  /** Puts what is running back to the head, to run again within `window`. Called while it runs. */
  again(target: Target, argument: unknown, window: Window): void {
    assert(this.head !== undefined && this.slot === undefined, 'what runs again is what runs');
    const { asker, span } = this.kernel.choices;
    const lo = childLo(asker.lo, AGAIN.hash, 0);
    const hi = childHi(asker.hi, AGAIN.hash, lo);
    this.waiting.unshift({ target, argument, lo, hi, span, cause: this.kernel.steps, window });
  }

  /** Drops all that has not run; what is running stays the head until it has. */
  clear(): void {
    this.waiting.length = 0;
    if (this.slot === undefined) return;
    this.kernel.withdraw(this.slot);
    this.slot = undefined;
    this.head = undefined;
  }

  private advance(): void {
    const head = this.waiting.shift();
    this.head = head;
    if (head === undefined) return;
    const { kernel, site, actor } = this;
    this.slot = kernel.post(
      this,
      undefined,
      head.lo,
      head.hi,
      site,
      actor,
      head.span,
      head.cause,
      head.window,
    );
  }
}
