import { roleOf } from '../choice/role.ts';
import { thrownInWords, type Violation } from '../trace/violation.ts';
import { propertyOf, ThreadsError } from './errors.ts';
import { nameOf } from './operation.ts';
import { withoutDriver } from './stack.ts';
import type { ThreadState } from './thread.ts';

/** What `running` threw, or what was found wrong of it, as the end of its execution. */
export function violationOf(
  error: unknown,
  running: ThreadState | undefined,
  step: number,
): Violation {
  const alone = running === undefined ? [] : [nameOf(running)];
  if (!(error instanceof ThreadsError)) {
    const { name, message, stack } = partsOf(error);
    const details = undefined;
    return { property: `uncaught ${name}`, message, details, ...told(alone, stack), step, atNs: 0 };
  }
  const { name, message, threads, details } = error;
  // Where the step was made; the error itself knows only where it was run.
  const frames = running?.stack;
  const stack = frames === undefined ? error.stack : `${name}: ${message}\n${frames}`;
  const nodes = threads.length === 0 ? alone : threads;
  return { property: propertyOf(error), message, details, ...told(nodes, stack), step, atNs: 0 };
}

function told(
  nodes: readonly string[],
  stack: string | undefined,
): Pick<Violation, 'nodes' | 'roles' | 'stack'> {
  return { nodes, roles: nodes.map(roleOf), stack: stack && withoutDriver(stack) };
}

/** What was thrown, which may be anything, as an error's parts. */
function partsOf(thrown: unknown): { name: string; message: string; stack: string | undefined } {
  if (thrown instanceof Error) return thrown as ReturnType<typeof partsOf>;
  return { name: 'throw', message: `not an Error: ${thrownInWords(thrown)}`, stack: undefined };
}
