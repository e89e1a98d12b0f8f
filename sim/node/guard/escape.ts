import { currentSink } from '../../sched/sink.ts';

/** What to say about each thing that does not come from the seed; the first match counts. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^Date\.now$/, 'reads the real clock: use env.clock.wallMs()'],
  [/^Temporal/, 'reads the real clock: use env.clock.wallMs()'],
  [/^Intl/, 'reads the real clock: pass it new Date(env.clock.wallMs())'],
  [/^(new )?Date\(\)$/, 'reads the real clock: use new Date(env.clock.wallMs())'],
  [
    /^(performance|perf_hooks|console\.Console)\.|^Performance|^Event\.timeStamp$|^process\.(hrtime|uptime)/,
    'reads the real clock: use env.clock.monotonicMs()',
  ],
  [/^http\.sendDate$/, 'is the real time: give a header Date, or say response.sendDate = false'],
  [/^navigator\.locks/, 'is granted when the real event loop turns: use a promise'],
  [/^File\.lastModified$/, 'is the real time: give it as the option lastModified'],
  [/^Math\.random$/, 'is not drawn from the seed: use env.random.integer(site, { min, max })'],
  [/^URL\.createObjectURL$/, 'is not drawn from the seed: pass the Blob itself'],
  [/^crypto\.randomUUID$/, 'is not drawn from the seed: use env.random.uuid(site)'],
  [/^crypto\.randomInt$/, 'is not drawn from the seed: use env.random.integer(site, { min, max })'],
  [
    /^crypto\.(random|getRandom|prng|rng|pseudo)/,
    'is not drawn from the seed: use env.random.bytes(site, count)',
  ],
  [
    /^crypto\.(generate|create|getDiffieHellman|DiffieHellman|ECDH)/,
    'is not drawn from the seed: pass the key in, as data',
  ],
  [
    /^crypto\.(publicEncrypt|encapsulate)$/,
    'is not drawn from the seed: use a cipher with a key of yours',
  ],
  [
    /^crypto\.(sign|verify|diffieHellman|decapsulate)$/,
    'ends on a real thread, at no moment of the seed: use it without a callback',
  ],
  [
    /^WebAssembly/,
    'ends on a real thread, at no moment of the seed: use new WebAssembly.Module(bytes)',
  ],
  [
    /^(crypto|zlib)\./,
    'ends on a real thread, at no moment of the seed: use the form that ends in Sync',
  ],
  [
    /(^|\.)setTimeout$/,
    'waits in real time: use env.timers.after(delayMs, callback) or env.timers.sleep(delayMs)',
  ],
  [/(^|\.)setInterval$/, 'waits in real time: use env.timers.every(periodMs, callback)'],
  [/(^|\.)setImmediate$/, 'waits for the real event loop: use env.timers.immediate(callback)'],
  [
    /^(timers|AbortSignal\.timeout|util\.(debounce|throttle))/,
    'waits in real time: use env.timers',
  ],
  [/^dns/, 'asks the real network: use env.net.lookup(host)'],
  [
    /^(fetch|WebSocket|EventSource|net|http|https|http2|tls|dgram)\b/,
    'uses the real network: use env.net',
  ],
  [/^(fs|sqlite|localStorage|sessionStorage)/, 'uses the real disk: use env.disk'],
  [/^process\.(stdin|openStdin)$/, 'reads what is real: pass it in args'],
  [/^util\.getCallSite/, 'shows what runs the program: use new Error().stack'],
  [/^(child_process|cluster)/, 'starts a real process: give the scenario a role for it'],
  [/^worker_threads\.Worker/, 'starts a real thread: use env.threads'],
  [
    /^(worker_threads|MessageChannel|BroadcastChannel)/,
    'delivers when the real event loop turns: use env.net',
  ],
  [/^Atomics/, 'blocks the real thread: use env.threads'],
  [/^process\.exit/, 'ends the real process: use env.process.exit(code)'],
  [/^process\.(abort|kill)/, 'ends a real process: use env.process.crash(reason)'],
  [
    /^process\.(on|once|add|prepend)/,
    'listens to the real process: use env.process.onTerminate(handler)',
  ],
  [/^(WeakRef|FinalizationRegistry)/, 'depends on the garbage collector: hold the object itself'],
  [/^async_hooks/, 'sees ids of the real process: pass the context along instead'],
];

/** What the machine decides, and no port of Env stands for. */
const OTHERWISE = 'depends on the machine: pass it in args';

/** Code of a world called what a world does not have. Fails the run as `property`, whoever catches it. */
export abstract class Refused extends Error {
  abstract readonly property: string;
}

/** Code of a world reached for something that does not come from the seed. */
class Escape extends Refused {
  override readonly name = 'Escape';
  /** `Date.now`, `fs.readFileSync`: what was called. */
  readonly called: string;
  readonly property: string;

  constructor(called: string, calledBy: (...args: never[]) => unknown) {
    const advice = ADVICE.find(([pattern]) => pattern.test(called))?.[1] ?? OTHERWISE;
    super(`${called} ${advice}`);
    this.called = called;
    this.property = `escape: ${called}`;
    Error.captureStackTrace(this, calledBy);
  }
}

/**
 * What to throw at the caller of `calledBy`. The run has failed from here on, even if the program
 * catches it.
 */
export function escaped(called: string, calledBy: (...args: never[]) => unknown): Escape {
  const error = new Escape(called, calledBy);
  currentSink()?.uncaught(error);
  return error;
}
