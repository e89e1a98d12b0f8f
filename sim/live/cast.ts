/** The nodes of a live run: made, named, and known to each other. */
import { appendFileSync } from 'node:fs';
import type { Plain } from '../env/net.ts';
import { nodeName } from '../scenario/node-name.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { hostLine } from './hosts.ts';
import { type Ground, LiveNode, type NodeWatcher } from './live-node.ts';
import type { AddressBlock } from './loopback.ts';
import type { ProgramPlace } from './program.ts';
import type { LiveNodeResult } from './result.ts';

export interface CastOptions {
  readonly scenario: Scenario;
  /** By role. */
  readonly programs: ReadonlyMap<string, ProgramPlace>;
  readonly block: AddressBlock;
  readonly ground: Ground;
}

export class Cast {
  readonly nodes: LiveNode[] = [];
  private readonly options: CastOptions;
  private readonly watcher: NodeWatcher;
  /** Nodes whose workload goes on in another: no longer among the peers. */
  private readonly retired = new Set<LiveNode>();

  constructor(options: CastOptions, watcher: NodeWatcher) {
    this.options = options;
    this.watcher = watcher;
    for (const [role, { count }] of options.scenario.roles) {
      for (let i = 0; i < count; i++) this.add(role);
    }
  }

  get inPlay(): LiveNode[] {
    return this.nodes.filter((node) => !this.retired.has(node));
  }

  /** Those that play, and neither have finished nor serve. */
  get unfinished(): LiveNode[] {
    return this.inPlay.filter(({ finished, serves }) => !(finished || serves));
  }

  /** Starts a process of the node, which must be down. Throws when the machine cannot. */
  start(node: LiveNode): void {
    const peers: { [role: string]: string[] } = {};
    for (const { role, name } of this.inPlay) (peers[role] ??= []).push(name);
    node.start(peers);
  }

  /** A fresh node in this one's place, the next of its role; undefined when there are no addresses. */
  successorOf(node: LiveNode): LiveNode | undefined {
    if (this.options.block.isUsedUp) return undefined;
    this.retired.add(node);
    return this.add(node.role);
  }

  /** By node: what it showed last. */
  observed(): { readonly [node: string]: { readonly [name: string]: Plain } } {
    return Object.fromEntries(this.nodes.map(({ name, state }) => [name, state.observed]));
  }

  results(): LiveNodeResult[] {
    return this.nodes.map((node) => {
      const { name, role, starts, kills } = node;
      return { name, role, starts, kills, end: endOf(node) };
    });
  }

  private add(role: string): LiveNode {
    const { scenario, programs, block, ground } = this.options;
    const index = this.nodes.filter((node) => node.role === role).length + 1;
    const name = nodeName(role, index);
    const { args } = scenario.roles.get(role)!;
    const program = programs.get(role)!;
    appendFileSync(ground.hostsFile, hostLine(name, block.next()));
    const node = new LiveNode({ name, role, index, program, args, ground }, this.watcher);
    this.nodes.push(node);
    return node;
  }
}

function endOf({ forced, ending, finished, served }: LiveNode): LiveNodeResult['end'] {
  if (forced) return 'forced';
  if (ending === 'killed') return 'dropped';
  return finished && !served ? 'finished' : 'stopped';
}
