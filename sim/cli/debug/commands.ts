/** The commands of the shell: one table for parsing, completion and help. */
import { didYouMean } from '../../trace/did-you-mean.ts';
import { UsageError } from '../exit.ts';

const NAMES = [
  'goto',
  'step',
  'back',
  'until',
  'back-until',
  'where',
  'state',
  'eval',
  'why',
  'when',
  'diff',
  'modify',
  'redraw',
  'branch',
  'inspect',
  'help',
  'quit',
] as const;

export type CommandName = (typeof NAMES)[number];

export const COMMANDS: { readonly [Name in CommandName]: readonly [usage: string, help: string] } =
  {
    goto: ['goto STEP', 'to after this step; also start, end, failure, or a time as 12.5ms or 3s'],
    step: [
      'step [COUNT | NODE]',
      'on by one step, by so many, or to the next step of a node or link',
    ],
    back: ['back [COUNT | NODE]', 'the same, backwards'],
    until: [
      'until [NODE] EXPRESSION | /TEXT/',
      'on to where it holds, or where what is told has the text',
    ],
    'back-until': ['back-until [NODE] EXPRESSION | /TEXT/', 'the same, backwards'],
    where: ['where', 'the present step, and what is told of it'],
    state: [
      'state [NODE]',
      'what a node observes, its variables, exports and globals; cells, locks and who waits for whom',
    ],
    eval: ['eval [NODE] EXPRESSION', 'its value in the scope of the program; changes nothing'],
    why: ['why [STEP]', 'which step made it, which one made that, back to the start'],
    when: ['when [NODE] EXPRESSION changed', 'the steps that changed its value'],
    diff: ['diff SEED', 'this run beside that of another seed'],
    modify: [
      'modify [NODE] CODE | fault JSON',
      'does it here; the run goes on from there as a branch with its own outcome',
    ],
    redraw: ['redraw [SEED]', 'from here on other draws, as a branch with its own outcome'],
    branch: ['branch [NUMBER]', 'all branches, or over to one of them; 0 is the run as it was'],
    inspect: [
      'inspect [PORT]',
      'stops in Chrome DevTools or VS Code in what the present step runs of the program',
    ],
    help: ['help', 'this list'],
    quit: ['quit', 'ends'],
  };

export interface Command {
  readonly name: CommandName;
  /** What stands behind the name. */
  readonly rest: string;
}

/** Undefined for a line that says nothing: blank, or a comment from `#` on. @throws UsageError */
export function parseCommand(line: string): Command | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const [word = ''] = text.split(/\s/, 1);
  const name = NAMES.find((each) => each === word);
  if (name !== undefined) return { name, rest: text.slice(word.length).trim() };
  const hint = didYouMean(word, NAMES) || '; help lists all';
  throw new UsageError(`there is no command '${word}'${hint}`);
}

export function usage(name: CommandName): UsageError {
  return new UsageError(`it is written: ${COMMANDS[name][0]}`);
}
