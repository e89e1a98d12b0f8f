/**
 * The shell at a terminal, and the same commands from a pipe, one a line, each shown before its
 * answer: what comes out reads like a session.
 */
import { createInterface } from 'node:readline';
import type { ReadStream } from 'node:tty';
import type { Inspected } from '../../debug/inspect.ts';
import type { Journey } from '../../debug/journey.ts';
import { pc } from '../../tell/colour.ts';
import { EXIT } from '../exit.ts';
import { userMessage } from '../user-error.ts';
import { answerText } from './answer-text.ts';
import { COMMANDS, parseCommand } from './commands.ts';
import { carryOut, type Session } from './session.ts';

export interface ShellOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/** Resolves with the exit code: that of wrong usage when a piped command was none. */
export async function shell(session: Session, { input, output }: ShellOptions): Promise<number> {
  const { journey, patience } = session;
  const terminal = input.isTTY === true;
  const lines = createInterface({
    input,
    output,
    terminal,
    completer: (line: string) => completions(journey, line),
  });
  let code = EXIT.passed;
  let busy = false;
  lines.on('SIGINT', () => {
    patience.isOver = true;
    if (busy) return;
    output.write('\nquit, or Ctrl-D, ends\n');
    lines.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  const announce = async ({ url }: Inspected): Promise<void> => {
    // Ctrl-C must reach the process itself, which will hear nothing else.
    lines.pause();
    if (terminal) (input as ReadStream).setRawMode(false);
    await write(`waiting at ${url}: open chrome://inspect, or attach VS Code to its port\n`);
  };
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => output.write(text, () => resolve()));
  const prompt = (): void => {
    if (terminal) (input as ReadStream).setRawMode(true);
    lines.setPrompt(promptOf(journey));
    if (terminal) lines.prompt();
  };
  prompt();
  for await (const line of lines) {
    if (!terminal) output.write(`${promptOf(journey)}${line}\n`);
    patience.isOver = false;
    busy = true;
    try {
      const command = parseCommand(line);
      if (command?.name === 'quit') break;
      if (command !== undefined)
        output.write(`${answerText(await carryOut(session, command, announce))}\n`);
    } catch (error) {
      const message = userMessage(error);
      if (message === undefined) throw error;
      output.write(`${pc.red(message)}\n`);
      if ((error as Error).name === 'UsageError' && !terminal) code = EXIT.usage;
    }
    busy = false;
    prompt();
  }
  lines.close();
  return code;
}

function promptOf({ step, course, branch }: Journey): string {
  const where = branch.number === 0 ? '' : `branch ${branch.number}, `;
  return pc.cyan(`${where}${step}/${course.steps}> `);
}

function namesIn({ course: { nodes, actors } }: Journey): readonly string[] {
  return nodes.length > 0 ? nodes : actors;
}

function completions(journey: Journey, line: string): [string[], string] {
  const word = /\S*$/.exec(line)![0];
  const words = line === word ? Object.keys(COMMANDS) : namesIn(journey);
  return [words.filter((each) => each.startsWith(word)), word];
}
