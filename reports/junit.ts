/**
 * JUnit XML. There is no one standard: this is what both the schema of Ant (JUnit.xsd of Windy Road,
 * the strictest) and that of Jenkins (junit-10.xsd of its xunit plugin) allow.
 *
 *     testsuites
 *       testsuite         a scenario or file; properties: seeds, runs, verdict, digest, …
 *         testcase        itself, under its own name, which does not depend on seeds
 *           failure       its first bug: the lowest seed that violates a property, or diverges
 *           error         or a run that came to no verdict, or that all of them tested nothing
 *         testcase …      each further bug, where a run went on after the first
 *         system-out      notes, and the commands that replay what failed
 */
import { type Bug, bugsOf, type Explored } from './explored.ts';
import { explanation, oneLine, printable, secondsOf } from './text.ts';

export interface JunitOptions {
  /** When the first of them began. */
  readonly startedAt: Date;
}

export function junit(explored: readonly Explored[], { startedAt }: JunitOptions): string {
  // The schema of Ant wants a time without its zone, which is UTC.
  const timestamp = startedAt.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
  const suites = explored.map((one, id) => suiteOf(one, { id, timestamp }));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${rendered(element('testsuites', {}, suites), '')}`;
}

function suiteOf(
  one: Explored,
  given: { readonly id: number; readonly timestamp: string },
): Element {
  const cases = casesOf(one);
  const count = (kind: Case['kind']): number => cases.filter((each) => each.kind === kind).length;
  const attributes = {
    id: given.id,
    name: token(one.name),
    package: 'groundhog',
    timestamp: given.timestamp,
    hostname: 'localhost',
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: 0,
    time: secondsOf(one.wallMs),
  };
  return element('testsuite', attributes, [
    propertiesOf(one),
    ...cases.map((each) => caseElement(each, one)),
    element('system-out', {}, notesOf(one)),
    element('system-err', {}, ''),
  ]);
}

interface Case {
  readonly name: string;
  readonly kind: 'passed' | 'failure' | 'error';
  readonly type: string;
  readonly message: string;
  readonly text: string;
  readonly wallMs: number;
}

function casesOf({ name, failures, verdict, reason, wallMs }: Explored): Case[] {
  const [first, ...more] = bugsOf({ failures });
  if (first !== undefined) {
    return [
      caseOf(first, name, wallMs),
      ...more.map((bug) => caseOf(bug, `${name}: ${bug.title}: ${bug.message}`, 0)),
    ];
  }
  const text = reason ?? '';
  if (verdict === 'passed') return [{ name, kind: 'passed', type: '', message: '', text, wallMs }];
  const kind = verdict === 'violated' ? 'failure' : 'error';
  return [{ name, kind, type: verdict, message: text, text, wallMs }];
}

function caseOf({ title, message, runs }: Bug, name: string, wallMs: number): Case {
  const { verdict } = runs[0].result;
  const kind = verdict === 'violated' || verdict === 'diverged' ? 'failure' : 'error';
  const seeds = runs.map(({ result }) => result.seed);
  const all = seeds.length === 1 ? '' : `\n${seeds.length} seeds: ${seeds.join(', ')}`;
  const text = `${explanation(runs[0])}${all}\n${runs[0].replay}`;
  return { name, kind, type: title, message, text, wallMs };
}

function caseElement({ name, kind, type, message, text, wallMs }: Case, one: Explored): Element {
  const attributes = { name: token(name), classname: token(one.name), time: secondsOf(wallMs) };
  if (kind === 'passed') return element('testcase', attributes, []);
  const found = element(kind, { type: oneLine(type), message: oneLine(message) }, text);
  return element('testcase', attributes, [found]);
}

function propertiesOf({ seeds, runs, verdict, steps, virtualMs, digest }: Explored): Element {
  const properties = Object.entries({ seeds, runs, verdict, steps, virtualMs, digest });
  const parts = properties.map(([name, value]) => element('property', { name, value }, []));
  return element('properties', {}, parts);
}

function notesOf({ reason, neverSeen, failures }: Explored): string {
  const lines = failures.map(({ replay }) => replay);
  if (reason !== undefined) lines.unshift(reason);
  if (neverSeen.length > 0) lines.push(`sometimes, but never seen: ${neverSeen.join(', ')}`);
  return lines.join('\n');
}

/** A name without blanks at its ends, and never empty. */
function token(text: string): string {
  return oneLine(text) || '-';
}

interface Element {
  readonly name: string;
  readonly attributes: { readonly [name: string]: string | number };
  readonly content: readonly Element[] | string;
}

function element(
  name: string,
  attributes: Element['attributes'],
  content: Element['content'],
): Element {
  return { name, attributes, content };
}

function rendered({ name, attributes, content }: Element, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${quoted(value)}"`);
  const open = `${indent}<${name}${pairs.join('')}`;
  if (content.length === 0) return `${open}/>\n`;
  if (typeof content === 'string') return `${open}>${escaped(content)}</${name}>\n`;
  const inner = content.map((part) => rendered(part, `${indent}  `)).join('');
  return `${open}>\n${inner}${indent}</${name}>\n`;
}

const ENTITIES: { readonly [mark: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function escaped(text: string): string {
  return printable(text).replace(/[&<>\r]/g, (mark) => ENTITIES[mark]!);
}

function quoted(value: string | number): string {
  return printable(String(value)).replace(/[&<>"\t\n\r]/g, (mark) => ENTITIES[mark]!);
}
