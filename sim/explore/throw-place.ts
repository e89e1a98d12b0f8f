/**
 * Where something was thrown that is no Error, and so has no stack: the run is made again while a debugger
 * of this thread looks at each throw and each rejection.
 */
import type { Debugger, InspectorNotification, Runtime, Session } from 'node:inspector';
import type { SourceMapPayload } from 'node:module';
import { programPosition } from '../node/guard/stack-trace.ts';
import { type PositionMap, positionMap } from '../node/loader/source-map.ts';
import type { RunResult } from '../trace/run.ts';
import { type RunnerOptions, runOne } from './runner.ts';
import type { RunSpec, Subject } from './subject.ts';

/** The result with a stack where it failed by something without one, and that can be found. */
export async function withThrowPlace(
  result: RunResult,
  subject: Subject,
  spec: () => RunSpec,
  options: RunnerOptions = {},
): Promise<RunResult> {
  const { failure } = result;
  if (failure === undefined || failure.stack !== undefined) return result;
  if (!failure.property.startsWith('uncaught ')) return result;
  const throws = await Throws.begin(failure.message);
  if (throws === undefined) return result;
  let again: RunResult | undefined;
  let frames: readonly string[] = [];
  try {
    again = (await runOne(subject, { ...spec(), compared: undefined }, options)).result;
  } finally {
    frames = throws.end();
  }
  if (again.digest !== result.digest || frames.length === 0) return result;
  const stack = [failure.message, ...frames.map((frame) => `    at ${frame}`)].join('\n');
  return { ...result, failure: { ...failure, stack } };
}

type Paused = InspectorNotification<Debugger.PausedEventDataType>;

class Throws {
  private readonly session: Session;
  private readonly scripts = new Map<string, Debugger.ScriptParsedEventDataType>();
  private last: readonly Debugger.CallFrame[] = [];

  private readonly message: string;

  private constructor(session: Session, message: string) {
    this.session = session;
    this.message = message;
  }

  /** Undefined where Node.js has no inspector, or where somebody debugs this process: he would be stopped. */
  static async begin(message: string): Promise<Throws | undefined> {
    if (!process.features.inspector) return undefined;
    const { Session, url } = await import('node:inspector');
    if (url() !== undefined) return undefined;
    const throws = new Throws(new Session(), message);
    const { session } = throws;
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => {
      throws.scripts.set(params.scriptId, params);
    });
    // In its own thread a session goes on once it has been told.
    session.on('Debugger.paused', throws.paused);
    session.post('Debugger.enable');
    session.post('Debugger.setPauseOnExceptions', { state: 'all' });
    return throws;
  }

  /** Ends it: the program's frames at the last throw, the innermost first. */
  end(): readonly string[] {
    this.session.disconnect();
    return this.last
      .map(({ functionName, location }) => {
        const script = this.scripts.get(location.scriptId);
        if (script === undefined) return undefined;
        const { lineNumber, columnNumber = 0 } = location;
        const { url } = script;
        return programPosition(
          { functionName, url, line: lineNumber + 1, column: columnNumber + 1 },
          () => mapOf(script),
        );
      })
      .filter((frame) => frame !== undefined);
  }

  private readonly paused = ({ params }: Paused): void => {
    const { callFrames, data } = params;
    if (isSaidIn(this.message, data as Runtime.RemoteObject)) this.last = callFrames;
  };
}

/** Whether the failure may be about what is thrown: of an object only a debugger's handle is known. */
function isSaidIn(
  message: string,
  { type, subtype, value, description }: Runtime.RemoteObject,
): boolean {
  if (type === 'object' && subtype !== 'null') return subtype !== 'error';
  if (type === 'string' || subtype === 'null') return message.endsWith(`: ${value}`);
  return message.endsWith(`: ${description ?? type}`);
}

/** By the script's own source map, as test runners have one in each. */
function mapOf({ sourceMapURL = '' }: Debugger.ScriptParsedEventDataType): PositionMap | undefined {
  const [, map] =
    /^data:application\/json(?:;charset=[\w-]+)?;base64,(.*)$/s.exec(sourceMapURL) ?? [];
  if (map === undefined) return undefined;
  return positionMap(JSON.parse(Buffer.from(map, 'base64').toString()) as SourceMapPayload);
}
