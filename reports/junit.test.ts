import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bugsOf, type Explored } from './explored.ts';
import { anyExplored, explored, failed } from './fixtures/explored.ts';
import { readXml, type XmlElement } from './fixtures/xml.ts';
import { junit } from './junit.ts';
import { oneLine, printable } from './text.ts';

const startedAt = new Date('2026-03-01T12:34:56.789Z');

function read(...all: Explored[]): XmlElement {
  return readXml(junit(all, { startedAt }));
}

const TOKEN = /^\S(.*\S)?$/s;
const COUNT = /^\d+$/;
const SECONDS = /^\d+\.\d{3}$/;
const ANY = /^/;

/**
 * What both schemas allow, of the elements that are used: Ant's (Windy Road, JUnit.xsd), where all of
 * these attributes and the four kinds of children, in this order, are required; and Jenkins'
 * (junit-10.xsd), which allows more. Children are names, each followed by a blank.
 */
const SCHEMA: {
  readonly [element: string]: {
    readonly attributes: { readonly [name: string]: RegExp };
    readonly children: RegExp;
  };
} = {
  testsuites: { attributes: {}, children: /^(testsuite )*$/ },
  testsuite: {
    attributes: {
      id: COUNT,
      name: TOKEN,
      package: TOKEN,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: TOKEN,
      tests: COUNT,
      failures: COUNT,
      errors: COUNT,
      skipped: COUNT,
      time: SECONDS,
    },
    children: /^properties (testcase )*system-out system-err $/,
  },
  properties: { attributes: {}, children: /^(property )*$/ },
  property: { attributes: { name: TOKEN, value: ANY }, children: /^$/ },
  testcase: {
    attributes: { name: TOKEN, classname: TOKEN, time: SECONDS },
    children: /^((error|failure) )?$/,
  },
  failure: { attributes: { type: ANY, message: ANY }, children: /^$/ },
  error: { attributes: { type: ANY, message: ANY }, children: /^$/ },
  'system-out': { attributes: {}, children: /^$/ },
  'system-err': { attributes: {}, children: /^$/ },
};

const WITH_TEXT = new Set(['failure', 'error', 'system-out', 'system-err']);

/** Throws where the element is not what the schemas allow. */
function validate({ name, attributes, children, text }: XmlElement): void {
  const rule = SCHEMA[name];
  if (rule === undefined) throw new Error(`the schema has no <${name}>`);
  expect(Object.keys(attributes)).toEqual(Object.keys(rule.attributes));
  for (const [key, pattern] of Object.entries(rule.attributes)) {
    expect(attributes[key], `${name} ${key}`).toMatch(pattern);
  }
  expect(children.map((child) => `${child.name} `).join('')).toMatch(rule.children);
  if (!WITH_TEXT.has(name)) expect(text.trim()).toBe('');
  for (const child of children) validate(child);
}

function childrenOf(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

test('a suite has a case of the name of its scenario, which fails with the first bug', () => {
  const failures = [failed(), failed({ seed: '9' })];
  expect(junit([explored({ verdict: 'violated', failures })], { startedAt })).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite id="0" name="demo" package="groundhog" timestamp="2026-03-01T12:34:56" hostname="localhost" tests="1" failures="1" errors="0" skipped="0" time="0.250">
    <properties>
      <property name="seeds" value="1..10"/>
      <property name="runs" value="10"/>
      <property name="verdict" value="violated"/>
      <property name="steps" value="1234"/>
      <property name="virtualMs" value="1500"/>
      <property name="digest" value="0123456789abcdef"/>
    </properties>
    <testcase name="demo" classname="demo" time="0.250">
      <failure type="check: register" message="the history is invalid">seed 7 violated
check: register (client-1): the history is invalid
read() returned 1
after 2 was written
after 34 steps, virtual 1.5 ms, digest 0123456789abcdef
2 seeds: 7, 9
npx groundhog replay demo --seed 7</failure>
    </testcase>
    <system-out>npx groundhog replay demo --seed 7
npx groundhog replay demo --seed 9</system-out>
    <system-err/>
  </testsuite>
</testsuites>
`,
  );
});

test('each further bug is a case of its own', () => {
  const other = { property: 'deadlock', message: 'all wait', signature: 'deadlock: all wait' };
  const failures = [failed(), failed({ seed: '8' }, other)];
  const [suite] = read(explored({ verdict: 'violated', failures })).children;
  expect(suite!.attributes).toMatchObject({ tests: '2', failures: '2', errors: '0' });
  expect(childrenOf(suite!, 'testcase').map(({ attributes }) => attributes['name'])).toEqual([
    'demo',
    'demo: deadlock: all wait',
  ]);
});

test.each([
  ['passed', undefined, []],
  ['vacuous', 'no seed was run', ['error']],
  ['violated', 'never seen: raft.split-vote', ['failure']],
] as const)('what is %s without a failing run says so', (verdict, reason, kinds) => {
  const [suite] = read(explored({ verdict, reason })).children;
  const [itself] = childrenOf(suite!, 'testcase');
  expect(itself!.children.map(({ name }) => name)).toEqual(kinds);
  expect(itself!.children.map(({ attributes }) => attributes['message'])).toEqual(
    kinds.map(() => reason),
  );
});

test('a run that came to no verdict is an error', () => {
  const hang = failed({ verdict: 'inconclusive', reason: 'hang: step 5' }, undefined);
  const [suite] = read(explored({ verdict: 'inconclusive', failures: [hang] })).children;
  expect(suite!.attributes).toMatchObject({ tests: '1', failures: '0', errors: '1' });
});

test('what was never seen is noted', () => {
  const [suite] = read(explored({ neverSeen: ['a', 'b'] })).children;
  expect(childrenOf(suite!, 'system-out')[0]!.text).toBe('sometimes, but never seen: a, b');
});

test('whatever was said and named, the schemas hold and it is read back', () => {
  fc.assert(
    fc.property(fc.array(anyExplored, { maxLength: 2 }), (all) => {
      const root = read(...all);
      validate(root);
      for (const [i, { attributes, children }] of root.children.entries()) {
        const bugs = bugsOf(all[i]!);
        expect(attributes['name']).toBe(oneLine(all[i]!.name) || '-');
        const cases = children.filter(({ name }) => name === 'testcase');
        for (const [j, { message, runs }] of bugs.entries()) {
          const [found] = cases[j]!.children;
          expect(found!.attributes['message']).toBe(oneLine(message));
          const { failure } = runs[0].result;
          if (failure?.details) expect(found!.text).toContain(printable(failure.details));
        }
      }
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['<failure>', '<failur>'],
  [' timestamp="2026-03-01T12:34:56"', ''],
  ['timestamp="2026-03-01T12:34:56"', 'timestamp="2026-03-01T12:34:56Z"'],
  ['<system-err/>', ''],
  ['tests="1"', 'tests="one"'],
  ['name="demo" package', 'name="" package'],
  ['<system-out/>', '<system-out>\u0001</system-out>'],
  ['<system-out/>', '<system-out>a & b</system-out>'],
])('the check of the schema refuses %j made %j', (from, to) => {
  const failures = [failed()];
  const one = from === '<failure>' ? explored({ verdict: 'violated', failures }) : explored();
  const text = junit([one], { startedAt });
  const broken = text.replace(from === '<failure>' ? /failure(?= type|>)/g : from, () =>
    from === '<failure>' ? 'failur' : to,
  );
  expect(broken).not.toBe(text);
  expect(() => validate(readXml(broken))).toThrow();
});
