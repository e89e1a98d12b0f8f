// Native programs whose threads are fibers, interleaved at every atomic operation: the C++ of
// programs/, on the policy SimSync of port/sim_sync.h.

/** What addon/fibers.h offers. */
export interface FiberBinding {
  fiberPrograms(): string[];
  fiberSites(): string[];
  fiberVerdicts(): string[];
  /** A question as site * 65,536 + count, or -1 less a verdict. */
  fiberStart(program: number): number;
  fiberResume(outcome: number): number;
  fiberMessage(): string;
}

/**
 * Decides among `count` outcomes, of which 0 is the calmest. `rare`: the others are to be drawn
 * seldom, one in eight in all.
 */
export type FiberChoice = (question: { site: string; count: number; rare: boolean }) => number;

export interface FiberOutcome {
  /** `passed`, or what was found: `race`, `deadlock`, `use after free`, and so on. */
  readonly verdict: string;
  readonly message: string;
}

/** Sites whose outcomes beyond the first are rare: stores out of order, spurious failures. */
const RARE = new Set(['native.place', 'native.weak-cas']);

export class Fibers {
  readonly programs: readonly string[];
  readonly #binding: FiberBinding;
  readonly #sites: readonly string[];
  readonly #verdicts: readonly string[];

  constructor(binding: FiberBinding) {
    this.#binding = binding;
    this.programs = binding.fiberPrograms();
    this.#sites = binding.fiberSites();
    this.#verdicts = binding.fiberVerdicts();
  }

  /**
   * One run of a program; every decision in it is `choose`'s.
   *
   * @throws RangeError when no program has that name
   */
  run(program: string, choose: FiberChoice): FiberOutcome {
    const index = this.programs.indexOf(program);
    if (index < 0) {
      const known = this.programs.join(', ');
      throw new RangeError(`no native program is named '${program}'; there are: ${known}`);
    }
    let told = this.#binding.fiberStart(index);
    while (told >= 0) {
      const site = this.#sites[told >>> 16]!;
      told = this.#binding.fiberResume(
        choose({ site, count: told & 0xffff, rare: RARE.has(site) }),
      );
    }
    return { verdict: this.#verdicts[-1 - told]!, message: this.#binding.fiberMessage() };
  }
}
