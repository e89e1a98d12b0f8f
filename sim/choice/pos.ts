/**
 * POS, partial order sampling (Yuan, Yang, Gu, CAV 2018, section 4): every pending step has a random
 * priority, the highest runs, and those that conflict with it draw anew. So the order of any two
 * conflicting steps is close to a coin's toss, however far apart they are.
 *
 * A priority is a draw about the step's identity and how often its actor has drawn anew. Steps of
 * programs, whose footprint is their node, conflict within it.
 */
import { drawWord } from './draw.ts';
import { RandomWalk } from './random.ts';
import type { Keys } from './seed.ts';
import { site } from './site.ts';
import { type Candidates, WRITES } from './strategy.ts';

const PRIORITY = site('pos.priority');
const FIRST_ACTORS = 16;

export class Pos extends RandomWalk {
  override readonly name = 'pos';
  override readonly scheduling = 'picked';
  /** By actor: how often the priority of what it has pending was drawn anew. */
  private renewals = new Int32Array(FIRST_ACTORS);
  /** By actor: the step whose priority was drawn last, and that priority. */
  private drawnFor = new Int32Array(FIRST_ACTORS);
  private priorities = new Float64Array(FIRST_ACTORS);

  override restart(keys: Keys): void {
    super.restart(keys);
    this.renewals.fill(0);
    this.priorities.fill(-1);
  }

  override momentNs(_lo: number, _hi: number, fromNs: number): number {
    return fromNs;
  }

  override pick(candidates: Candidates): number {
    const { count, actor, object, access } = candidates;
    if (count === 1) return 0;
    let best = 0;
    let bestPriority = -1;
    for (let row = 0; row < count; row++) {
      const priority = this.rankOf(candidates, row);
      if (priority > bestPriority) {
        best = row;
        bestPriority = priority;
      }
    }
    const touched = object[best]!;
    if (touched === -1) {
      this.renew(actor[best]!);
    } else if (touched !== 0) {
      for (let row = 0; row < count; row++) {
        if (object[row] !== touched || row === best) continue;
        if (((access[row]! | access[best]!) & WRITES) !== 0) this.renew(actor[row]!);
      }
    }
    return best;
  }

  private rankOf({ actor, lo, hi }: Candidates, row: number): number {
    const who = actor[row]!;
    if (who >= this.renewals.length) this.grow(who);
    const { priorities, drawnFor } = this;
    if (priorities[who]! >= 0 && drawnFor[who] === lo[row]) return priorities[who]!;
    const renewal = this.renewals[who]!;
    const drawn = drawWord(this.keys, PRIORITY.hash, lo[row]!, hi[row]!, renewal, 0) >>> 0;
    drawnFor[who] = lo[row]!;
    priorities[who] = drawn;
    return drawn;
  }

  private renew(actor: number): void {
    this.renewals[actor]!++;
    this.priorities[actor] = -1;
  }

  private grow(actor: number): void {
    const size = Math.max(actor + 1, this.renewals.length * 2);
    const { renewals, drawnFor, priorities } = this;
    this.renewals = new Int32Array(size);
    this.renewals.set(renewals);
    this.drawnFor = new Int32Array(size);
    this.drawnFor.set(drawnFor);
    this.priorities = new Float64Array(size).fill(-1);
    this.priorities.set(priorities);
  }
}
