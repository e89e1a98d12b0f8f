/** Names of nodes and their addresses. */
import { Tail } from './tail.ts';

/** Names that are not here are of no node; addresses that are not here are of strangers. */
export interface Hosts {
  /** The IPv4 address of the node of that name. */
  addressOf(name: string): string | undefined;
  /** The node that has this address. */
  nameOf(address: string): string | undefined;
}

/** A fixed table, by name. */
export function hostTable(addresses: { readonly [name: string]: string }): Hosts {
  const byName = new Map(Object.entries(addresses));
  const byAddress = new Map([...byName].map(([name, address]) => [address, name]));
  return {
    addressOf: (name) => byName.get(name),
    nameOf: (address) => byAddress.get(address),
  };
}

/** One line of a hosts file: `127.9.1.3 replica-2`. */
export function hostLine(name: string, address: string): string {
  return `${address} ${name}\n`;
}

/**
 * A table in a file that grows while its readers run: a name or address that is not known yet is
 * looked for in what was added since. Lines are never taken back.
 */
export class HostsFile implements Hosts {
  private readonly tail: Tail;
  private readonly byName = new Map<string, string>();
  private readonly byAddress = new Map<string, string>();

  constructor(path: string) {
    this.tail = new Tail(path);
  }

  addressOf(name: string): string | undefined {
    if (!this.byName.has(name)) this.catchUp();
    return this.byName.get(name);
  }

  nameOf(address: string): string | undefined {
    if (!this.byAddress.has(address)) this.catchUp();
    return this.byAddress.get(address);
  }

  private catchUp(): void {
    for (const line of this.tail.newLines()) {
      const [address, name] = line.toString().split(' ') as [string, string];
      this.byName.set(name, address);
      this.byAddress.set(address, name);
    }
  }
}
