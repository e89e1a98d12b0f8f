/**
 * All runs but for those that only swap independent steps: dynamic partial-order reduction with
 * source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas, POPL 2014, algorithm 1).
 *
 *     path    place ── step ──► place ── step ──► place ── step ──►          one run
 *              │ wanted: actors to be explored here, beside the first
 *              │ asleep: actors whose step was explored, here or before, and commutes with what came since
 *
 * Two steps race if they conflict (one changes what the other looks at) and nothing orders them but
 * that. For each race of a new step with an earlier one, somebody who leads to the new step without
 * the earlier one is wanted at the earlier one's place. Where all who could run are asleep, whatever
 * follows was seen before, and the run is given up.
 *
 * Steps may have to wait, which the paper leaves out:
 *
 * - A step that could not run at an earlier place does not race with the one that ran there, but may
 *   with those before it, which made it wait: a lock with the lock before, not with the unlock.
 * - Where a run ends early, what others were about to do races as if it had been done; and at the
 *   place of the step that ended it everybody is wanted.
 * - Where all who could run are asleep, and others wait, what those wait to do races as well: who
 *   waits for a lock would have to come before its holder, who may never let go of it here.
 *
 * Only the declared object of a step counts. What else it touches is plain data, which the objects
 * declared put in order, or else is reported as a race. Branches are gone through outcome by outcome.
 * Tests hold all this against plain depth-first search: the same failures, and each class of runs
 * exactly once.
 */
import { assert } from '../env/assert.ts';
import { type Search, Timeless } from './search.ts';
import type { Site } from './site.ts';
import {
  type Asker,
  type Candidates,
  EVERYTHING,
  GIVES_WAY,
  MAY_WAIT,
  type Weights,
  WRITES,
} from './strategy.ts';

/** What a step does to others. */
interface Deed {
  readonly object: number;
  /** It has changed the object. */
  readonly wrote: boolean;
  /** It has changed something, be it plain data. */
  readonly changed: boolean;
  /** It looks at whatever others change: a pause, and the step that came to one. */
  readonly looks: boolean;
}

/** An actor whose next step need not be explored, since it was. */
interface Sleeper {
  readonly actor: number;
  readonly deed: Deed;
}

interface PickPlace {
  readonly is: 'pick';
  /** Who runs here now. */
  actor: number;
  /** Who could run. */
  readonly enabled: readonly number[];
  /** Explored, or to be. */
  readonly wanted: number[];
  readonly asleep: Sleeper[];
  /** What the step of `actor` has done. */
  deed: Deed;
}

interface BranchPlace {
  readonly is: 'branch';
  outcome: number;
  readonly of: number;
}

/** A step of the present run. */
interface Event {
  readonly index: number;
  readonly actor: number;
  readonly place: PickPlace;
  /** As it was declared, {@link MAY_WAIT} and the like. */
  readonly access: number;
  readonly object: number;
  wrote: boolean;
  changed: boolean;
  looks: boolean;
  /** By actor: one more than the index of its last event that comes before this, or is it. */
  clock: Int32Array;
}

/** The step that an actor has come to. */
interface Pending {
  readonly object: number;
  readonly access: number;
}

const NO_CLOCK = new Int32Array(0);
const NOTHING: Deed = { object: 0, wrote: false, changed: false, looks: false };
const NO_EVENTS: Event[] = [];

export class Dpor extends Timeless implements Search {
  readonly name = 'dpor';
  readonly scheduling = 'picked';
  readonly complete = true;
  private readonly path: (PickPlace | BranchPlace)[] = [];
  private depth = 0;
  /** Places that the present run shares with the one before. */
  private shared = 0;
  private readonly events: Event[] = [];
  /** The step that is under way. */
  private current: Event | undefined;
  /** The next thing told of is what the step under way does to its object. */
  private begins = false;
  /** By object: the events that touched it. */
  private readonly touches = new Map<number, Event[]>();
  private readonly changes: Event[] = [];
  private readonly looks: Event[] = [];
  /** By the object that a thread is: the event that made, woke or ended it last. */
  private readonly turns = new Map<number, Event>();
  /** By actor: the event before its next one, which may be the one that made it. */
  private readonly latest: (Event | undefined)[] = [];
  private readonly pending: (Pending | undefined)[] = [];
  private asleep: readonly Sleeper[] = [];
  /** The run was given up, since nobody else could go on. */
  private allAsleep = false;
  private actors = 0;

  next(cut: boolean): boolean {
    this.close();
    if (cut) this.closeEarly();
    else if (this.allAsleep) this.reversePending((actor) => !sleeps(this.asleep, actor));
    this.shared = this.back();
    this.depth = 0;
    this.events.length = 0;
    for (const list of this.touches.values()) list.length = 0;
    this.changes.length = 0;
    this.looks.length = 0;
    this.turns.clear();
    this.latest.length = 0;
    this.pending.length = 0;
    this.asleep = [];
    this.allAsleep = false;
    this.actors = 0;
    return this.shared > 0;
  }

  meets(actor: number): void {
    this.actors = Math.max(this.actors, actor + 1);
    this.latest[actor] = this.current;
    this.pending[actor] = undefined;
  }

  blocked(actor: number, object: number, access: number): void {
    this.pending[actor] = { object, access };
  }

  touched(_actor: number, object: number, wrote: boolean): void {
    const { current } = this;
    // What bodies do before their first step comes before everything.
    if (current === undefined) return;
    if (isThread(object)) {
      if (wrote) this.turns.set(object, current);
      return;
    }
    if (this.begins) current.wrote = wrote;
    this.begins = false;
    if (wrote) current.changed = true;
  }

  pick(candidates: Candidates): number {
    const { count, actor, object, access } = candidates;
    for (let i = 0; i < count; i++) {
      this.pending[actor[i]!] = { object: object[i]!, access: access[i]! };
    }
    this.close();
    const place = this.pickPlace(candidates);
    if (place === undefined) return -1;
    const row = actor.subarray(0, count).indexOf(place.actor);
    assert(row >= 0, 'the same decisions lead to the same questions');
    this.pending[place.actor] = undefined;
    this.begins = true;
    this.current = {
      index: this.events.length,
      actor: place.actor,
      place,
      access: access[row]!,
      object: object[row]!,
      wrote: false,
      changed: false,
      looks: false,
      clock: NO_CLOCK,
    };
    return row;
  }

  branch(_site: Site, _asker: Asker, weights: Weights): number {
    const place = (this.path[this.depth] ??= { is: 'branch', outcome: 0, of: weights.of.length });
    this.depth++;
    assert(place.is === 'branch', 'the same decisions lead to the same questions');
    return place.outcome;
  }

  value(_site: Site, _asker: Asker, min: number): number {
    return min;
  }

  private pickPlace(candidates: Candidates): PickPlace | undefined {
    const known = this.path[this.depth];
    if (known !== undefined) {
      this.depth++;
      assert(known.is === 'pick', 'the same decisions lead to the same questions');
      return known;
    }
    const enabled = Array.from(candidates.actor.subarray(0, candidates.count));
    const awake = (actor: number) => !sleeps(this.asleep, actor);
    const calmest = candidates.actor[candidates.calmest]!;
    const first = awake(calmest) ? calmest : enabled.find(awake);
    if (first === undefined) {
      this.allAsleep = true;
      return undefined;
    }
    const place: PickPlace = {
      is: 'pick',
      actor: first,
      enabled,
      wanted: [first],
      asleep: [...this.asleep],
      deed: NOTHING,
    };
    this.path.push(place);
    this.depth++;
    return place;
  }

  /** Goes back to the deepest place with something left; how many places are left then. */
  private back(): number {
    const { path } = this;
    for (let place = path.at(-1); place !== undefined; place = path.at(-1)) {
      if (place.is === 'branch') {
        if (++place.outcome < place.of) break;
      } else {
        const { asleep, actor, deed } = place;
        asleep.push({ actor, deed });
        const next = place.wanted.find((wanted) => !sleeps(asleep, wanted));
        if (next !== undefined) {
          place.actor = next;
          break;
        }
      }
      path.pop();
    }
    return path.length;
  }

  /** The step under way has ended: what it has done is known. */
  private close(): void {
    const event = this.current;
    if (event === undefined) return;
    this.current = undefined;
    const { place, object, wrote, changed, actor } = event;
    const looks = object === EVERYTHING || this.pending[actor]?.object === EVERYTHING;
    event.looks = looks;
    // Races of the part repeated were reversed when it was new.
    if (this.depth >= this.shared) this.reverseRaces(event);
    this.clock(event);
    this.events.push(event);
    this.latest[actor] = event;
    if (object > 0) this.touchesOf(object).push(event);
    if (looks) this.looks.push(event);
    if (changed) this.changes.push(event);
    place.deed = { object, wrote, changed, looks };
    this.asleep = place.asleep.filter(({ deed }) => !conflict(deed, event));
  }

  /** The run was cut off, so others did not come to do what they were about to. */
  private closeEarly(): void {
    const last = this.events.at(-1);
    if (last === undefined) return;
    for (const actor of last.place.enabled) want(last.place, actor);
    this.reversePending(() => true);
  }

  /** What these were about to do races as if it had been done. */
  private reversePending(those: (actor: number) => boolean): void {
    const last = this.events.at(-1);
    if (last === undefined) return;
    const { place } = last;
    const index = this.events.length;
    for (let actor = 0; actor < this.actors; actor++) {
      const pending = this.pending[actor];
      if (pending === undefined || !those(actor)) continue;
      const { object, access } = pending;
      const wrote = (access & WRITES) !== 0;
      const deed = { object, wrote, changed: wrote, looks: object === EVERYTHING };
      this.reverseRaces({ ...deed, index, actor, place, access, clock: NO_CLOCK });
    }
  }

  private touchesOf(object: number): Event[] {
    let list = this.touches.get(object);
    if (list === undefined) {
      list = [];
      this.touches.set(object, list);
    }
    return list;
  }

  /** Of what is known to come before the actor's next event, but for what that conflicts with. */
  private ownClock(actor: number): Int32Array {
    const clock = new Int32Array(this.actors);
    const before = this.latest[actor];
    if (before !== undefined) clock.set(before.clock);
    const turn = this.turns.get(threadOf(actor));
    if (turn !== undefined) join(clock, turn.clock);
    return clock;
  }

  private clock(event: Event): void {
    const { actor, object } = event;
    const clock = this.ownClock(actor);
    const end = this.turns.get(object);
    if (end !== undefined) join(clock, end.clock);
    for (const before of this.conflicting(event)) join(clock, before.clock);
    clock[actor] = event.index + 1;
    event.clock = clock;
  }

  /** Earlier events that one conflicts with, the newest first. */
  private conflicting(event: Event): readonly Event[] {
    const { object, changed, looks } = event;
    const touches = object > 0 ? (this.touches.get(object) ?? NO_EVENTS) : NO_EVENTS;
    const found: Event[] = [];
    for (let at = touches.length - 1; at >= 0; at--) {
      if (conflict(touches[at]!, event)) found.push(touches[at]!);
    }
    const more = [
      ...(looks ? this.changes : NO_EVENTS),
      ...(looks || changed ? this.looks : NO_EVENTS),
    ];
    if (more.length === 0) return found;
    return [...new Set([...found, ...more])].sort((a, b) => b.index - a.index);
  }

  private reverseRaces(event: Event): void {
    const { actor, access } = event;
    const conflicting = this.conflicting(event);
    if (conflicting.length === 0) return;
    const reach = this.ownClock(actor);
    const turn = this.turns.get(threadOf(actor))?.index ?? -1;
    const previous = Math.max(this.latest[actor]?.index ?? -1, turn);
    for (const before of conflicting) {
      if (before.actor === actor || isBefore(before, reach)) continue;
      if ((access & MAY_WAIT) !== 0) {
        if ((before.access & GIVES_WAY) !== 0) continue;
        // Whether it had to wait at that place is known only if it had come to it by then.
        const hadCome = previous < before.index;
        if (hadCome && !before.place.enabled.includes(actor)) continue;
        this.wantWithout(before, event);
        if (hadCome) join(reach, before.clock);
      } else {
        this.wantWithout(before, event);
        join(reach, before.clock);
      }
    }
  }

  /** Somebody that leads to `event` without `reversed` is wanted in its place. */
  private wantWithout(reversed: Event, event: Event): void {
    const { place } = reversed;
    const clock = this.ownClock(event.actor);
    const later: Event[] = [];
    for (let index = reversed.index + 1; index < this.events.length; index++) {
      const each = this.events[index]!;
      if (isBefore(reversed, each.clock)) continue;
      later.push(each);
      if (conflict(each, event)) join(clock, each.clock);
    }
    later.push({ ...event, clock });
    const initials = initialsOf(later);
    for (const actor of initials) {
      if (place.wanted.includes(actor) || sleeps(place.asleep, actor)) return;
    }
    const able = initials.filter((actor) => place.enabled.includes(actor));
    if (able.length === 0) for (const actor of place.enabled) want(place, actor);
    else want(place, able.includes(event.actor) ? event.actor : able[0]!);
  }
}

/** Whether two steps come to something else in the other order. */
function conflict(a: Deed, b: Deed): boolean {
  // Of two that pause, and nobody else can run, the one that goes on makes the other wait.
  if (a.looks ? b.looks || b.changed : b.looks && a.changed) return true;
  return a.object === b.object && a.object > 0 && (a.wrote || b.wrote);
}

/** Actors whose first event in the list has none of the list before it. */
function initialsOf(later: readonly Event[]): number[] {
  const initials: number[] = [];
  const seen: number[] = [];
  for (let at = 0; at < later.length; at++) {
    const { actor, clock } = later[at]!;
    if (seen.includes(actor)) continue;
    seen.push(actor);
    let first = true;
    for (let i = 0; first && i < at; i++) first = !isBefore(later[i]!, clock);
    if (first) initials.push(actor);
  }
  return initials;
}

/** Whether the event comes before, or is, one with this clock. */
function isBefore({ actor, index }: Event, clock: Int32Array): boolean {
  return index < (clock[actor] ?? 0);
}

function join(clock: Int32Array, other: Int32Array): void {
  for (let actor = 0; actor < other.length; actor++) {
    if (other[actor]! > clock[actor]!) clock[actor] = other[actor]!;
  }
}

/** Threads are objects too, of those that make, wake, end and await them. Nothing races for them. */
function threadOf(actor: number): number {
  return -2 - actor;
}

function isThread(object: number): boolean {
  return object < -1 && object !== EVERYTHING;
}

function sleeps(asleep: readonly Sleeper[], actor: number): boolean {
  for (const sleeper of asleep) if (sleeper.actor === actor) return true;
  return false;
}

function want({ wanted }: PickPlace, actor: number): void {
  if (!wanted.includes(actor)) wanted.push(actor);
}
