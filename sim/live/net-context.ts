import type { Socket } from 'node:net';
import { type NetError, type NetErrorCode, PORT_MAX } from '../env/net.ts';
import type { Hosts } from './hosts.ts';

/** What the sockets, listeners and streams of one node share. */
export interface NetContext {
  readonly host: string;
  /** This node's IPv4 address. */
  readonly address: string;
  readonly hosts: Hosts;
  /** From now on this connection goes with the node. */
  adopt(socket: Socket): void;
  error(code: NetErrorCode, message: string, cause?: unknown): NetError;
}

/** Where a packet can go; at other ports nobody can listen. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= PORT_MAX;
}
