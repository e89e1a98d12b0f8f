/**
 * The shell at a terminal, and the same commands from a pipe, one a line, each shown before its
 * answer: what comes out reads like a session.
 */
import { createInterface } from 'node:readline';
import type { Journey } from '../../debug/journey.ts';
import { pc } from '../../tell/colour.ts';
import { EXIT } from '../exit.ts';
import { userMessage } from '../user-error.ts';
import { answerText } from './answer-text.ts';
import { COMMANDS, parseCommand } from './commands.ts';
import { carryOut } from './session.ts';

export interface ShellOptions {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
  readonly patience: Patience;
}

/** A person's, with the command under way: Ctrl-C ends it. */
export interface Patience {
  isOver: boolean;
}

/** Resolves with the exit code: that of wrong usage when a piped command was none. */
export async function shell(journey: Journey, options: ShellOptions): Promise<number> {
  const { input, output, patience } = options;
  const terminal = input.isTTY === true;
  const lines = createInterface({
    input,
    output,
    terminal,
    completer: (line: string) => completions(journey, line),
  });
  let code = EXIT.passed;
  lines.on('SIGINT', () => {
    patience.isOver = true;
  });
  const prompt = (): void => {
    lines.setPrompt(promptOf(journey));
    if (terminal) lines.prompt();
  };
  prompt();
  for await (const line of lines) {
    if (!terminal) output.write(`${promptOf(journey)}${line}\n`);
    patience.isOver = false;
    try {
      const command = parseCommand(line);
      if (command?.name === 'quit') break;
      if (command !== undefined) output.write(`${answerText(await carryOut(journey, command))}\n`);
    } catch (error) {
      const message = userMessage(error);
      if (message === undefined) throw error;
      output.write(`${pc.red(message)}\n`);
      if ((error as Error).name === 'UsageError' && !terminal) code = EXIT.usage;
    }
    prompt();
  }
  lines.close();
  return code;
}

function promptOf({ step, course, branch }: Journey): string {
  const where = branch.number === 0 ? '' : `branch ${branch.number}, `;
  return pc.cyan(`${where}${step}/${course.steps}> `);
}

function completions(journey: Journey, line: string): [string[], string] {
  const word = /\S*$/.exec(line)![0];
  const words = line === word ? Object.keys(COMMANDS) : journey.course.nodes;
  return [words.filter((each) => each.startsWith(word)), word];
}
