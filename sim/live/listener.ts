import { createServer, type Server } from 'node:net';
import { Inbox } from '../env/inbox.ts';
import type { Address, ByteStream, Listener } from '../env/net.ts';
import type { NetContext } from './net-context.ts';
import { LiveStream } from './stream.ts';

/** Connections that wait to be accepted; one more is reset. Node's default. */
const BACKLOG_MAX = 511;

export class LiveListener implements Listener {
  readonly address: Address;
  private readonly context: NetContext;
  private readonly server: Server;
  private readonly inbox = new Inbox<LiveStream>(BACKLOG_MAX);
  private readonly onClose: () => void;
  private closed = false;

  constructor(context: NetContext, port: number, onClose: () => void) {
    this.context = context;
    this.address = { host: context.host, port };
    this.onClose = onClose;
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const { remoteAddress, remotePort } = socket;
      // A caller that is gone already has no address any more.
      if (remoteAddress === undefined || remotePort === undefined) return;
      context.adopt(socket);
      const host = context.hosts.nameOf(remoteAddress) ?? remoteAddress;
      const stream = new LiveStream(context, socket, { host, port: remotePort });
      if (!this.inbox.put(stream)) stream.abort();
    });
    // Without a listener for errors, one that cannot be bound is an uncaught error of the node.
    this.server.listen({ host: context.address, port, backlog: BACKLOG_MAX, exclusive: true });
  }

  accept(): Promise<ByteStream> {
    return this.inbox.take();
  }

  close(): void {
    if (this.closed) return;
    this.drop();
    const error = this.context.error('closed', 'the listener is closed');
    for (const stream of this.inbox.end(error)) stream.abort();
    this.inbox.drop(error);
  }

  /** Gives the port back; who waits is told nothing. */
  drop(): void {
    this.closed = true;
    this.server.close();
    this.onClose();
  }
}
