/**
 * Where code is that does not yield. The watchdog's time-out unwinds the stack before anybody can look, so
 * the run is made again under V8's sampling profiler: the line that the last samples are in, is the loop.
 */
import type { Profiler, Session } from 'node:inspector';
import { programLine } from '../node/guard/stack-trace.ts';

/** Takes samples of this thread. */
export class Sampler {
  private readonly session: Session;

  private constructor(session: Session) {
    this.session = session;
  }

  /** Undefined where Node.js was built without an inspector. */
  static async begin(): Promise<Sampler | undefined> {
    if (!process.features.inspector) return undefined;
    const { Session } = await import('node:inspector');
    const session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.start');
    return new Sampler(session);
  }

  /** Ends it: the program's line in which most of the last `ms` were spent, as `buy (shop.ts:15)`. */
  end(ms: number): string | undefined {
    let line: string | undefined;
    // In its own thread the session answers before `post` returns.
    this.session.post('Profiler.stop', (error, answer) => {
      if (error === null) line = hottest(answer.profile, ms);
    });
    this.session.disconnect();
    return line;
  }
}

type Node = Profiler.ProfileNode;

const SAMPLES_MIN = 10;

function hottest(profile: Profiler.Profile, ms: number): string | undefined {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map<number, Node>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const counts = new Map<string, number>();
  let leftUs = ms * 1000;
  let seen = 0;
  // On a busy machine samples are far apart.
  for (let at = samples.length - 1; at >= 0 && (leftUs > 0 || seen < SAMPLES_MIN); at--) {
    leftUs -= timeDeltas[at] ?? 0;
    const line = innermost(byId.get(samples[at]!), parents);
    if (line === undefined) continue;
    counts.set(line, (counts.get(line) ?? 0) + 1);
    seen++;
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0];
}

/** The first line of the program on the way up from what ran. */
function innermost(node: Node | undefined, parents: ReadonlyMap<number, Node>): string | undefined {
  for (let at = node; at !== undefined; at = parents.get(at.id)) {
    const { functionName, url, lineNumber } = at.callFrame;
    const ticks = [...(at.positionTicks ?? [])].sort((a, b) => b.ticks - a.ticks);
    // A caller may have no samples of its own: then its first line is all there is.
    const line = programLine({ functionName, url, line: ticks[0]?.line ?? lineNumber + 1 });
    if (line !== undefined) return line;
  }
  return undefined;
}
