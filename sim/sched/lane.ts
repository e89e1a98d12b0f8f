/**
 * What must keep its order: one direction of a connection, the awaited calls of one handle. Only the
 * head of a lane is pending; the next one becomes pending when the head has run, so within a lane
 * sequence decides, never a draw.
 */
import { childHi, childLo } from '../choice/identity.ts';
import { type Site, site } from '../choice/site.ts';
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
  private head: Waiting | undefined;
  private slot: Slot | undefined;

  /** `hash` tells this lane from others of the site. */
  constructor(kernel: Kernel, site: Site, actor: number, hash: number) {
    this.kernel = kernel;
    this.site = site;
    this.actor = actor;
    this.origin = originOf(site, hash);
  }

  enqueue(target: Target, argument: unknown, window: Window): void {
    const { lo, hi } = this.kernel.nextIdentity(this.origin);
    const { span } = this.kernel.choices;
    this.waiting.push({ target, argument, lo, hi, span, cause: this.kernel.steps, window });
    if (this.head === undefined) this.advance();
  }

  fire(): void {
    const { target, argument } = this.head!;
    this.slot = undefined;
    this.head = undefined;
    this.advance();
    target.fire(argument);
  }

  /** Puts what is running back to the head, to run again within `window`. Called while it runs. */
  again(target: Target, argument: unknown, window: Window): void {
    if (this.slot !== undefined) {
      this.kernel.withdraw(this.slot);
      this.waiting.unshift(this.head!);
    }
    const { asker, span } = this.kernel.choices;
    const lo = childLo(asker.lo, AGAIN.hash, 0);
    const hi = childHi(asker.hi, AGAIN.hash, lo);
    this.waiting.unshift({ target, argument, lo, hi, span, cause: this.kernel.steps, window });
    this.advance();
  }

  /** Drops all that has not run. */
  clear(): void {
    this.waiting.length = 0;
    this.head = undefined;
    if (this.slot !== undefined) this.kernel.withdraw(this.slot);
    this.slot = undefined;
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
