/** `node:diagnostics_channel`, whose channels all realms of a process share. */
import type { Channel } from 'node:diagnostics_channel';
import { nodeModule } from '../loader/node-module.ts';
import { keepShared } from './shared-state.ts';

type Add = (...args: unknown[]) => unknown;
type Open = { [key: PropertyKey]: unknown };

interface Several {
  subscribe(handlers: object): unknown;
  unsubscribe(handlers: object): unknown;
}

/** How to undo what adds to a channel. */
const UNDONE_BY = { subscribe: 'unsubscribe', bindStore: 'unbindStore' } as const;

/** The module; what is subscribed through it is unsubscribed at the end. */
export function diagnosticsChannel(onEnd: (callback: () => void) => void): object {
  const real = nodeModule('diagnostics_channel') as typeof import('node:diagnostics_channel');
  const tracked = new Set<object>();
  const track = <Tracked extends object>(channel: Tracked): Tracked => {
    if (tracked.has(channel)) return channel;
    tracked.add(channel);
    keepShared(channel);
    for (const [add, remove] of Object.entries(UNDONE_BY)) {
      const value = (...args: unknown[]): unknown => {
        // A channel has another prototype while somebody listens to it.
        onEnd(() => (prototypeOf(channel)[remove] as Add).call(channel, args[0]));
        return (prototypeOf(channel)[add] as Add).apply(channel, args);
      };
      Object.defineProperty(channel, add, { value, configurable: true, writable: true });
    }
    return channel;
  };
  const channel = (name: string | symbol): Channel => track(real.channel(name));
  const tracingChannel = (of: Parameters<typeof real.tracingChannel>[0]): object => {
    const tracing = real.tracingChannel(of);
    for (const key of Reflect.ownKeys(tracing)) {
      const value = (tracing as unknown as Open)[key];
      if (value instanceof real.Channel) track(value);
    }
    return together(tracing as Several);
  };
  /** Several channels with one `subscribe`; from Node.js 26 on it goes past that of each. */
  const together = (channels: Several): Several => {
    const { subscribe } = channels;
    channels.subscribe = (handlers: object) => {
      onEnd(() => channels.unsubscribe(handlers));
      return subscribe.call(channels, handlers);
    };
    return channels;
  };
  const { boundedChannel } = real as { boundedChannel?: (of: string | object) => Several };
  return {
    ...real,
    channel,
    tracingChannel,
    ...(boundedChannel && {
      boundedChannel: (of: string | object) => together(boundedChannel(of)),
    }),
    subscribe: (name: string | symbol, listener: Parameters<Channel['subscribe']>[0]) =>
      channel(name).subscribe(listener),
  };
}

function prototypeOf(channel: object): Open {
  return Object.getPrototypeOf(channel) as Open;
}
