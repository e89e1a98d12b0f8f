/**
 * Where code is that does not yield. The watchdog's time-out unwinds the stack before anybody can look, so
 * the run is made again under V8's sampling profiler: the line that the last samples are in, is the loop.
 */
import type { Profiler, Session } from 'node:inspector';
import { programPosition } from '../node/guard/stack-trace.ts';
import { ParsedScripts } from './parsed-scripts.ts';

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
    // A profiler knows no code that was optimized for a loop before it began: this throws that away.
    session.post('Profiler.startPreciseCoverage', { callCount: true });
    session.post('Profiler.stopPreciseCoverage');
    session.post('Profiler.start');
    return new Sampler(session);
  }

  /** Ends it: the program's line in which most of the last `ms` were spent, as `buy (shop.ts:15)`. */
  end(ms: number): string | undefined {
    const { session } = this;
    let profile: Profiler.Profile | undefined;
    // In its own thread the session answers before `post` returns.
    session.post('Profiler.stop', (error, answer) => {
      if (error === null) profile = answer.profile;
    });
    const scripts = new ParsedScripts(session);
    session.post('Debugger.enable');
    session.disconnect();
    return profile && new Samples(profile, scripts).hottest(ms);
  }
}

const SAMPLES_MIN = 10;
/** The line of what is not the program's. */
const NONE = '';

class Samples {
  private readonly profile: Profiler.Profile;
  private readonly scripts: ParsedScripts;
  private readonly nodes = new Map<number, Profiler.ProfileNode>();
  private readonly parents = new Map<number, Profiler.ProfileNode>();
  private readonly lines = new Map<number, string>();

  constructor(profile: Profiler.Profile, scripts: ParsedScripts) {
    this.profile = profile;
    this.scripts = scripts;
    for (const node of profile.nodes) {
      this.nodes.set(node.id, node);
      for (const child of node.children ?? []) this.parents.set(child, node);
    }
  }

  /** The line that most of the samples of the last `ms` were in; undefined where it is not the program's. */
  hottest(ms: number): string | undefined {
    const { samples = [], timeDeltas = [] } = this.profile;
    const counts = new Map<string, number>();
    let leftUs = ms * 1000;
    let seen = 0;
    // On a busy machine samples are far apart.
    for (let at = samples.length - 1; at >= 0 && (leftUs > 0 || seen < SAMPLES_MIN); at--) {
      leftUs -= timeDeltas[at] ?? 0;
      const line = this.lineOf(samples[at]!);
      counts.set(line, (counts.get(line) ?? 0) + 1);
      seen++;
    }
    const [most] = [...counts].sort(([, a], [, b]) => b - a);
    return most?.[0] === NONE ? undefined : most?.[0];
  }

  private lineOf(id: number): string {
    const line = this.lines.get(id) ?? this.innermost(id) ?? NONE;
    this.lines.set(id, line);
    return line;
  }

  /** The first line of the program on the way up from what ran. */
  private innermost(id: number): string | undefined {
    for (let at = this.nodes.get(id); at !== undefined; at = this.parents.get(at.id)) {
      const { functionName, url, lineNumber, scriptId } = at.callFrame;
      const ticks = [...(at.positionTicks ?? [])].sort((a, b) => b.ticks - a.ticks);
      // A caller may have no samples of its own: then its first line is all there is.
      const place = { functionName, url, line: ticks[0]?.line ?? lineNumber + 1 };
      const line = programPosition(place, () => this.scripts.map(scriptId));
      if (line !== undefined) return line;
    }
    return undefined;
  }
}
