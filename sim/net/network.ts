import type { Kernel } from '../sched/kernel.ts';
import { Link, type NetConditions } from './link.ts';
import type { Stack } from './stack.ts';

/** A machine on the network. Its stack is there while a process runs on it. */
export interface Host {
  readonly name: string;
  stack: Stack | undefined;
}

/** All hosts and the links between them. */
export class Network {
  readonly kernel: Kernel;
  readonly conditions: NetConditions;
  private readonly hosts = new Map<string, Host>();
  private readonly links = new Map<Host, Map<Host, Link>>();
  private readonly newActor: (name: string, node: string) => number;

  constructor(options: {
    kernel: Kernel;
    conditions: NetConditions;
    newActor: (name: string, node: string) => number;
  }) {
    this.kernel = options.kernel;
    this.conditions = options.conditions;
    this.newActor = options.newActor;
  }

  addHost(name: string): Host {
    const host: Host = { name, stack: undefined };
    this.hosts.set(name, host);
    return host;
  }

  host(name: string): Host | undefined {
    return this.hosts.get(name);
  }

  /** The link from one host to another, or to itself. Made when first asked for. */
  link(from: Host, to: Host): Link {
    let links = this.links.get(from);
    if (links === undefined) this.links.set(from, (links = new Map()));
    let link = links.get(to);
    if (link === undefined) {
      const { kernel, conditions } = this;
      const actor = this.newActor(`${from.name}>${to.name}`, to.name);
      link = new Link({ kernel, conditions, from, to, actor });
      links.set(to, link);
    }
    return link;
  }
}
