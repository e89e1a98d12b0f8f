/** Answers as people read them. */

import type { Difference, Side } from '../../debug/compare.ts';
import type { Place } from '../../debug/journey.ts';
import type { Evaluated } from '../../debug/look.ts';
import type { Change } from '../../debug/passage.ts';
import type { Values } from '../../debug/scene.ts';
import type { Changed, Changes } from '../../debug/scout.ts';
import type { ThreadShown, ThreadsState } from '../../debug/threads-scene.ts';
import type { Chain } from '../../debug/why.ts';
import type { NodeState } from '../../debug/world-scene.ts';
import { pc } from '../../tell/colour.ts';
import { verdictInColour } from '../../tell/failure-text.ts';
import { count, counted, seconds } from '../../tell/words.ts';
import type { RunResult } from '../../trace/run.ts';
import { boundedLine } from '../../trace/told.ts';
import { COMMANDS } from './commands.ts';
import type { Answer, Outcome } from './session.ts';

/** Without a line break at the end. */
export function answerText(answer: Answer): string {
  switch (answer.is) {
    case 'place':
      return placeText(answer.place).join('\n');
    case 'unmet': {
      const why = answer.thrown === undefined ? '' : `; it throws ${answer.thrown}`;
      return `no step fits: ${answer.condition}${why}`;
    }
    case 'state':
      return answer.nodes.flatMap(stateText).join('\n');
    case 'threads':
      return threadsText(answer).join('\n');
    case 'value':
      return valueText(answer.value);
    case 'chain':
      return chainText(answer.chain).join('\n');
    case 'changes':
      return changesText(answer.changed, answer.here).join('\n');
    case 'difference':
      return differenceText(answer.difference).join('\n');
    case 'branches':
      return answer.branches.flatMap((each) => branchText(each, answer.present)).join('\n');
    case 'help':
      return helpText();
    case 'bye':
      return '';
  }
}

/** `violated after 31 steps, virtual 0.0 s, digest …`, and what was violated. */
export function resultLines(result: RunResult): string[] {
  const { verdict, steps, virtualMs, digest, failure, reason } = result;
  const ran = `after ${counted(steps, 'step')}, virtual ${seconds(virtualMs)}, digest ${digest}`;
  const lines = [`${verdictInColour(verdict)} ${ran}`];
  if (failure !== undefined) {
    const where = failure.nodes.length === 0 ? '' : ` (${failure.nodes.join(', ')})`;
    lines.push(
      `  step ${failure.step}: ${failure.property}${where}: ${boundedLine(failure.message)}`,
    );
  } else if (reason !== undefined) {
    lines.push(`  ${reason}`);
  }
  return lines;
}

function placeText({ step, atMs, actor, site, cause, said }: Place): string[] {
  const made = atMs === undefined ? 'comes after' : 'made by';
  const because = cause === 0 ? '' : pc.dim(`  ${made} step ${cause}`);
  const head = `${momentText(step, atMs)}  ${pc.bold(actor)}  ${site}${because}`;
  return [head, ...said.map(({ node, text }) => `  ${node === '' ? '' : `${node} `}${text}`)];
}

function momentText(step: number, atMs: number | undefined): string {
  return atMs === undefined ? `step ${step}` : `step ${step}  ${atMs.toFixed(3)} ms`;
}

function threadsText({ shared, threads }: ThreadsState): string[] {
  const line = ({ thread, is, text }: ThreadShown): string =>
    `    ${pc.bold(thread)} ${is === 'failed' ? pc.red(text) : text}`;
  const shown = threads.length === 0 ? [] : [pc.dim('  threads'), ...threads.map(line)];
  return [...valuesText('shared', shared), ...shown];
}

function stateText({ node, role, is, incarnation, ...parts }: NodeState): string[] {
  const life = incarnation === 0 ? '' : `, ${counted(incarnation, 'restart')}`;
  const head = `${pc.bold(node)}  ${role === node ? '' : `${role}, `}${is}${life}`;
  const groups: readonly [string, Values][] = [
    ['observed', parts.observed],
    ['variables', parts.variables],
    ['exports', parts.exports],
    ['globals', parts.globals],
  ];
  const isBare = is === 'running' && parts.variables.length === 0;
  const hint = isBare
    ? [pc.dim('  no variables outside of loops and blocks: inspect shows those')]
    : [];
  return [head, ...groups.flatMap(([name, shown]) => valuesText(name, shown)), ...hint];
}

function valuesText(title: string, shown: Values): string[] {
  if (shown.length === 0) return [];
  return [
    pc.dim(`  ${title}`),
    ...shown.map(({ name, text }) => `    ${name} = ${text.replaceAll('\n', '\n    ')}`),
  ];
}

function valueText({ is, text }: Evaluated): string {
  return is === 'value' ? text : `throws ${text}`;
}

function chainText({ links, more }: Chain): string[] {
  const left = more === 0 ? [] : [pc.dim(`… ${counted(more, 'step')} before`)];
  return [...links.flatMap(placeText), ...left];
}

/** Changes shown before the present step, and after it. */
const BEFORE = 12;
const AFTER = 3;

function changesText({ changes, isAll }: Changes, here: number): string[] {
  if (changes.length === 0) return ['it never changes'];
  const past = changes.filter(({ step }) => step <= here);
  const future = changes.slice(past.length);
  const line = ({ step, atMs, from, to }: Changed): string =>
    `${momentText(step, atMs)}  ${from} → ${to}`;
  return [
    ...(past.length > BEFORE
      ? [pc.dim(`… ${counted(past.length - BEFORE, 'change')} before`)]
      : []),
    ...past.slice(-BEFORE).map(line),
    pc.dim(`you are at step ${here}`),
    ...future.slice(0, AFTER).map(line),
    ...(future.length > AFTER
      ? [pc.dim(`… ${counted(future.length - AFTER, 'change')} after`)]
      : []),
    ...(isAll ? [] : [`after ${counted(changes.length, 'change')} no more were looked for`]),
  ];
}

function differenceText({ here, there, shared, sameUpTo }: Difference): string[] {
  const both = `both take ${counted(shared, 'step')}; the same ones in the same order up to step ${sameUpTo}`;
  return [...sideText('here', here), ...sideText('there', there), both, ...parting(here, there)];
}

function sideText(title: string, { result, own }: Side): string[] {
  const [first, ...more] = resultLines(result);
  return [`${title}: seed ${result.seed} ${first}; ${count(own)} of them only ${title}`, ...more];
}

function parting(here: Side, there: Side): string[] {
  const sides = [
    ['here', here],
    ['there', there],
  ] as const;
  const part = (what: string, of: (side: Side) => Place | undefined): string[] =>
    sides.flatMap(([title, side]) => {
      const place = of(side);
      return place === undefined ? [] : [`${what} ${title}:`, ...indented(placeText(place))];
    });
  return [
    ...part('then comes', ({ parts }) => parts),
    ...part('the first that happens only', ({ firstOwn }) => firstOwn),
  ];
}

function branchText(outcome: Outcome, present: number): string[] {
  const { number, changes, redrawn, result } = outcome;
  const [first, ...more] = resultLines(result);
  const turns = [
    ...changes.map(changeText),
    ...redrawn.map(({ step, seed }) => `after step ${step}: other draws, of seed ${seed}`),
  ];
  const made = number === 0 ? ['the run as it was'] : turns;
  return [
    `${number === present ? '*' : ' '} branch ${number}: ${first}`,
    ...indented([...more, ...indented(made)]),
  ];
}

function changeText(change: Change): string {
  if (change.is === 'code') {
    const where = change.node === '' ? '' : ` on ${change.node}`;
    return `at step ${change.step}${where}: ${change.code}`;
  }
  return `at step ${change.step}: ${JSON.stringify(change.fault)}`;
}

function helpText(): string {
  const rows = Object.values(COMMANDS);
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return rows.map(([usage, help]) => `${usage.padEnd(width)}  ${help}`).join('\n');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
