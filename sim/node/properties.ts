/** What the programs of a world state about themselves, and what came of it. */
import { thrownInWords, type Violation } from '../trace/violation.ts';
import type { Incarnation } from './incarnation.ts';
import type { SimNode } from './node.ts';

/** Told of a broken property. */
export type Violate = (
  violation: Pick<Violation, 'property' | 'message'> & { stack?: string | undefined },
  nodes: readonly SimNode[],
) => void;

export class PropertyLedger {
  /** Names of `sometimes` and `reachable` met so far, with whether they ever held. */
  readonly seen: Map<string, boolean> = new Map();
  private readonly eventuals = new Map<string, { holds: () => boolean; of: Incarnation }>();
  private readonly violate: Violate;

  constructor(violate: Violate) {
    this.violate = violate;
  }

  always(name: string, holds: boolean, node: SimNode, details = 'does not hold'): void {
    if (holds) return;
    this.fails(`always: ${name}`, details, node);
  }

  unreachable(name: string, node: SimNode, details = 'was reached'): void {
    this.fails(`unreachable: ${name}`, details, node);
  }

  sometimes(name: string, holds: boolean): void {
    if (holds) this.seen.set(name, true);
    else if (!this.seen.has(name)) this.seen.set(name, false);
  }

  eventually(name: string, holds: () => boolean, of: Incarnation): void {
    this.eventuals.set(`${of.node.name}/${name}`, { holds, of });
  }

  /** True while some `eventually` of a running incarnation does not hold. */
  get waiting(): boolean {
    for (const { holds, of } of this.eventuals.values()) if (isHeld(of) && !holds()) return true;
    return false;
  }

  /** The run is over: what had to hold in the end is asked for the last time. */
  end(): void {
    for (const [key, { holds, of }] of this.eventuals) {
      if (!isHeld(of) || holds()) continue;
      const property = `eventually: ${key.slice(key.indexOf('/') + 1)}`;
      this.violate({ property, message: 'does not hold at the end' }, [of.node]);
    }
  }

  /** Who calls from JavaScript may give details that are no text. */
  private fails(property: string, details: unknown, node: SimNode): void {
    const message = thrownInWords(details);
    this.violate({ property, message, stack: new Error(message).stack }, [node]);
  }
}

/** Whether what it said must hold eventually must. */
function isHeld({ alive, node }: Incarnation): boolean {
  return alive && !node.outside;
}
