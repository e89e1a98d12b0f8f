/**
 * Annotations of GitHub Actions: one `::error` a bug, at the line of the user's code that failed, or at
 * the scenario. They are workflow commands (docs.github.com, "Workflow commands for GitHub Actions"),
 * escaped as the runner reads them back.
 */
import { bugsOf, type Explored } from './explored.ts';
import { type Folders, placeOf, type SourcePlace } from './place.ts';
import { explanation, printable } from './text.ts';

/** Lines to be printed; empty when there is nothing to say. */
export function githubAnnotations(explored: readonly Explored[], folders: Folders): string {
  return explored.flatMap((one) => annotationsOf(one, folders)).join('');
}

function annotationsOf(one: Explored, folders: Folders): string[] {
  const { name, verdict, reason, neverSeen } = one;
  const lines = bugsOf(one).map(({ title, runs: [first] }) => {
    const { seed, failure } = first.result;
    const place = placeOf({ stack: failure?.stack, file: one.file }, folders);
    const text = `${explanation(first)}\n${first.replay}`;
    return command('error', place, `${name}, seed ${seed}: ${title}`, text);
  });
  const itself = placeOf({ file: one.file }, folders);
  if (lines.length === 0 && verdict !== 'passed') {
    lines.push(command('error', itself, `${name}: ${verdict}`, reason ?? verdict));
  } else if (reason !== undefined) {
    lines.push(command('notice', itself, name, reason));
  }
  if (lines.length === 0 && neverSeen.length > 0) {
    const text = `sometimes, but never seen: ${neverSeen.join(', ')}`;
    lines.push(command('notice', itself, name, text));
  }
  return lines;
}

function command(
  kind: 'error' | 'notice',
  { file, line, column }: SourcePlace,
  title: string,
  message: string,
): string {
  const properties = { file, line, col: column, title };
  const pairs = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${kind} ${pairs.join(',')}::${data(message)}\n`;
}

const CODES: { readonly [mark: string]: string } = {
  '%': '%25',
  '\r': '%0D',
  '\n': '%0A',
  ':': '%3A',
  ',': '%2C',
};

function data(text: string): string {
  return printable(text).replace(/[%\r\n]/g, (mark) => CODES[mark]!);
}

function property(text: string): string {
  return printable(text).replace(/[%\r\n:,]/g, (mark) => CODES[mark]!);
}
