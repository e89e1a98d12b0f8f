/**
 * Places faults. Each kind of the catalogue has its own sequence, so that kinds overlap freely and a
 * draw of one never shifts another's; and the n-th of a kind falls somewhere in the n-th period of
 * that kind, so that one that is dropped or comes early does not shift the next:
 *
 *     kind    |--[happens? draw, begin … end]------|------[happens? …]--|--[ …
 *             0                             everyMs          2 everyMs
 *             0 … withinMs: it begins
 *
 * What stands in brackets is one span: a shrinker that calms its first decision drops the fault.
 */
import { rootIdentity } from '../choice/identity.ts';
import { exponential } from '../choice/shape.ts';
import { site } from '../choice/site.ts';
import { weights } from '../choice/strategy.ts';
import type { FaultSource, World } from '../node/world.ts';
import type { Fault, FaultPreset, TimedFault } from '../scenario/scenario.gen.ts';
import type { Target } from '../sched/agenda.ts';
import { nsOfMs } from '../time/units.ts';
import type { About } from '../trace/event.ts';
import { FAULT_KINDS, kindOf } from './catalogue.ts';
import { drawOutside, frozen } from './core.ts';
import type { FaultKind, Rhythm } from './kind.ts';
import { drawConditions, drawKnobs } from './knobs.ts';
import { closePoints, openPoints } from './points.ts';
import { PRESETS, type Preset } from './presets.ts';
import { VOPR_KNOBS, voprKinds } from './vopr.ts';

const NEXT = site('fault.next');
const HAPPENS = site('fault.happens');
const END = site('fault.end');
const AT = site('fault.at');
const RATE = site('fault.every-ms');

const RARELY_NOT = weights(1, 7);
const COIN = weights(1, 1);

export interface NemesisOptions {
  readonly preset: FaultPreset;
  /** Besides those of the preset. */
  readonly timeline: readonly TimedFault[];
  /** A search places the faults of the preset, and none is drawn, see `points.ts`. */
  readonly points?: { readonly stepped: () => void } | undefined;
}

export class Nemesis implements FaultSource {
  private readonly world: World;
  private readonly options: NemesisOptions;
  private readonly preset: Preset;
  private readonly actor: number;
  /** What ends the faults that are under way. */
  private readonly ends = new Map<() => void, Fault>();
  private healed = false;

  constructor(world: World, options: NemesisOptions) {
    this.world = world;
    this.options = options;
    this.preset = PRESETS[options.preset];
    this.actor = world.newActor('faults', 'faults');
  }

  begin(): void {
    const { world, preset } = this;
    const { points } = this.options;
    if (points === undefined) this.beginDrawing();
    else openPoints({ world, preset, ...points, befall: (fault) => this.befall(fault) });
    for (const [index, timed] of this.options.timeline.entries()) this.place(timed, index);
  }

  private beginDrawing(): void {
    const { kernel, conditions } = this.world;
    if (this.preset.mode === 'vopr') {
      drawKnobs(kernel.choices, VOPR_KNOBS, { conditions });
      for (const { kind, rhythm } of voprKinds(this.world)) this.await(kind, rhythm, 0);
      return;
    }
    drawConditions(kernel.choices, this.preset, conditions);
    for (const kind of FAULT_KINDS) {
      if (this.preset.groups.includes(kind.group)) this.beginKind(kind);
    }
  }

  heal(): void {
    this.healed = true;
    closePoints(this.world);
    const { conditions } = this.world;
    conditions.net.lossPerMille = 0;
    conditions.net.duplicatePerMille = 0;
    conditions.memory.refusedPerMille = 0;
    conditions.buggify = false;
    const { preset, options } = this;
    const active = this.ends.size;
    if (preset.mode === 'vopr') {
      this.healCore();
      return;
    }
    for (const end of [...this.ends.keys()]) end();
    if (active === 0 && preset.groups.length === 0 && options.timeline.length === 0) return;
    this.tell(() => `all faults heal (${active} were under way)`, {
      nodes: [],
      fault: 'all',
      ends: true,
    });
  }

  /** What is outside stays as it is for good, and nobody waits for it. */
  private healCore(): void {
    const { world } = this;
    const { choices } = world.kernel;
    const active = this.ends.size;
    const outer = choices.span;
    choices.openSpan('fault', 'outside the core');
    const outside = drawOutside(world);
    choices.span = outer;
    const freeze = frozen(world, outside);
    for (const node of outside) node.outside = true;
    for (const [end, fault] of [...this.ends]) {
      if (fault.kind === 'crash' && world.node(fault.node)!.outside) this.ends.delete(end);
      else end();
    }
    freeze();
    const inWords = (): string => {
      if (outside.length === 0) return '';
      const nodes = outside.map(({ name, crashes }) =>
        crashes > 0 ? `${name}, which is down` : name,
      );
      return ` but for what befell ${nodes.join('; ')}`;
    };
    const within = world.nodes.filter((node) => !node.outside).map(({ name }) => name);
    const about: About = { nodes: within, fault: 'all', ends: true };
    this.tell(() => `all faults heal (${active} were under way)${inWords()}`, about);
  }

  befall(fault: Fault): void {
    const { world } = this;
    const kind = kindOf(fault);
    const about: About = { nodes: kind.nodes(fault), fault: fault.kind };
    const lasts = 'forMs' in fault ? ` for ${fault.forMs} ms` : '';
    this.tell(() => `the nemesis ${kind.describe(fault)}${lasts}`, about);
    const revert = kind.begin(world, fault);
    if (!('forMs' in fault)) return;
    const end = (): void => {
      if (this.ends.delete(end)) revert();
    };
    this.ends.set(end, fault);
    const atNs = world.kernel.nowNs + nsOfMs(fault.forMs);
    const target: Target = {
      fire: () => {
        if (!this.ends.has(end)) return;
        this.tell(() => `the ${fault.kind} fault ends`, { ...about, ends: true });
        end();
      },
    };
    world.kernel.schedule(target, undefined, END, this.actor, {
      earliestNs: atNs,
      latestNs: atNs,
      spread: 'uniform',
    });
  }

  private tell(text: () => string, about: About): void {
    this.world.kernel.tell('fault', '', text, () => ({ about }));
  }

  private beginKind(kind: FaultKind<Fault>): void {
    const { choices } = this.world.kernel;
    if (
      this.preset.mode === 'swarm' &&
      choices.knob(site('fault.eligible'), kind.kind, COIN) === 0
    ) {
      return;
    }
    const rate = exponential(Math.ceil(kind.everyMsMax / 20), kind.everyMsMax);
    const everyMs = choices.value(site(`${RATE.name}.${kind.kind}`), rate);
    this.await(kind, { everyMs, withinMs: everyMs }, 0);
  }

  /** The `number`-th fault of this kind, from 0. */
  private await(kind: FaultKind<Fault>, rhythm: Rhythm, number: number): void {
    const { kernel } = this.world;
    const { choices } = kernel;
    const { lo, hi } = rootIdentity(`fault/${kind.kind}`, number);
    const outer = choices.span;
    const span = choices.openSpan('fault', `${kind.kind} ${number + 1}`);
    choices.span = outer;
    const target: Target = { fire: () => this.occur(kind, rhythm, number) };
    const fromMs = rhythm.everyMs * number;
    kernel.post(target, undefined, lo, hi, NEXT, this.actor, span, kernel.steps, {
      earliestNs: nsOfMs(fromMs),
      latestNs: nsOfMs(fromMs + rhythm.withinMs),
      spread: 'uniform',
    });
  }

  private occur(kind: FaultKind<Fault>, rhythm: Rhythm, number: number): void {
    if (this.healed) return;
    this.await(kind, rhythm, number + 1);
    if (this.world.kernel.choices.branch(HAPPENS, RARELY_NOT) === 0) return;
    const fault = kind.draw(this.world);
    if (fault !== undefined) this.befall(fault);
  }

  private place({ atMs, fault }: TimedFault, index: number): void {
    const { kernel } = this.world;
    const { lo, hi } = rootIdentity('fault/timeline', index);
    const atNs = nsOfMs(atMs);
    const target: Target = {
      fire: () => {
        if (this.healed) return;
        // A plan may have fewer nodes than the timeline names.
        const missing = (name: string): boolean => this.world.node(name) === undefined;
        if (kindOf(fault).nodes(fault).some(missing)) return;
        kernel.choices.openSpan('fault', fault.kind);
        this.befall(fault);
      },
    };
    kernel.post(target, undefined, lo, hi, AT, this.actor, 0, kernel.steps, {
      earliestNs: atNs,
      latestNs: atNs,
      spread: 'uniform',
    });
  }
}
