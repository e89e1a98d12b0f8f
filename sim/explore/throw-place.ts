/**
 * Where something was thrown that is no Error, and so has no stack: the run is made again while a debugger
 * of this thread looks at each throw and each rejection.
 */
import type { Debugger, InspectorNotification, Runtime, Session } from 'node:inspector';
import { programPosition } from '../node/guard/stack-trace.ts';
import type { RunResult } from '../trace/run.ts';
import { ParsedScripts } from './parsed-scripts.ts';
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
  private readonly scripts: ParsedScripts;
  private last: readonly Debugger.CallFrame[] = [];

  private readonly message: string;

  private constructor(session: Session, message: string) {
    this.session = session;
    this.scripts = new ParsedScripts(session);
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
        const url = this.scripts.url(location.scriptId);
        if (url === undefined) return undefined;
        const { lineNumber, columnNumber = 0 } = location;
        return programPosition(
          { functionName, url, line: lineNumber + 1, column: columnNumber + 1 },
          () => this.scripts.map(location.scriptId),
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
