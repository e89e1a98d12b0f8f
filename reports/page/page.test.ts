import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Explored } from '../explored.ts';
import { anyExplored, explored, failed } from '../fixtures/explored.ts';
import { event, step, told } from '../fixtures/told.ts';
import { readXml, type XmlElement } from '../fixtures/xml.ts';
import { printable } from '../text.ts';
import type { Told } from '../told.ts';
import { page } from './page.ts';

const OPTIONS = { startedAt: new Date('2026-01-02T03:04:05.678Z'), version: '1.2.3' };

function pageOf(...all: readonly Explored[]): string {
  return page(all, OPTIONS);
}

/** The page as a tree: it is XML as well, but for its first line. */
function treeOf(text: string): XmlElement {
  expect(text.startsWith('<!doctype html>\n')).toBe(true);
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  return readXml(text.replace('<!doctype html>', declaration));
}

function* below(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) yield* below(child);
}

function textsOf(root: XmlElement): string {
  return [...below(root)].map(({ text }) => text).join('\n');
}

function withStory(story: Told): Explored {
  const one = { ...failed(), told: story };
  return explored({ verdict: 'violated', failures: [one] });
}

test('a scenario that passed says what its runs covered and what was seen', () => {
  const sometimes = [['split vote', 0] as const, ['new leader', 7] as const];
  const text = textsOf(
    treeOf(pageOf(explored({ covered: ['10 runs met 9 interleavings.'], sometimes }))),
  );
  expect(text).toContain('demo: passed');
  expect(text).toContain('10 runs met 9 interleavings.');
  expect(text).toMatch(/split vote\n.*\nnever seen/s);
  expect(text).toContain('7 of 10 runs');
});

test('a failure has its replay, its story in rows, and the picture beside them', () => {
  const story = told(
    [event({ node: 'a-1' }), event({ node: 'b-1', step: 3, text: 'gets it' })],
    [step({ number: 3, cause: 1 })],
    { without: ['without client-2'] },
  );
  const root = treeOf(pageOf(withStory(story)));
  const text = textsOf(root);
  for (const said of [
    failed().replay,
    story.title,
    story.command,
    'without client-2',
    'b-1 gets it',
  ]) {
    expect(text).toContain(said);
  }
  const rows = [...below(root)].filter(({ name, attributes }) => name === 'li' && attributes['id']);
  expect(rows.map(({ attributes }) => attributes['id'])).toEqual(['s1-1-1', 's1-1-2']);
  const kinds = [...below(rows[1]!)].map(({ attributes }) => attributes['class']);
  expect(kinds).toEqual(expect.arrayContaining(['well', 'arrow', 'head', 'mark', 'ms']));
  expect(text).toContain('check: register: the history is invalid');
});

test('what a checker drew stands in it, with its style for itself alone', () => {
  const picture = { markup: '<b id="drawn">x</b>', style: '.bar { fill: red; }' };
  const text = pageOf(withStory(told([], [], { picture })));
  expect(text).toContain('<div class="checker"><b id="drawn">x</b></div>');
  expect(text).toContain('.checker { .bar { fill: red; } }');
  treeOf(text);
});

test('nothing comes from elsewhere, and no script is in it', () => {
  const text = pageOf(withStory(told([event({ node: 'a-1' })])));
  expect(text).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\ssrc=|https?:/);
  expect(text).toContain("default-src 'none'");
});

const HOSTILE = [
  '</p></section><script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</style></title><!-- ]]> &lt;b&gt; &#60;',
  '\u0000\u001b[31mred\ufffe\ud800',
  'javascript:alert(1)',
];

/** Names of elements and attributes that our own page has. */
const ELEMENTS = new Set(
  'html head meta title style body main h1 h2 h3 p a div table thead tbody tr th td span code pre section ol li svg path text'.split(
    ' ',
  ),
);

function expectOwnMarkup(root: XmlElement): void {
  for (const { name, attributes } of below(root)) {
    expect(ELEMENTS).toContain(name);
    const names = Object.keys(attributes);
    expect(names.filter((key) => /^on|^src$|^style$/.test(key))).toEqual([]);
    if (name === 'a') expect(attributes['href']).toMatch(/^#s\d+(-\d+)*$/);
  }
}

test.each(HOSTILE)('%j can be the name of anything, and is text', (name) => {
  const story = told(
    [
      event({ node: name, text: name, step: 3 }),
      event({ kind: 'fault', about: { nodes: [name], fault: name } }),
    ],
    [step({ number: 3, actor: `a-1>${name}` })],
    { title: name, command: name, without: [name], nodes: [name] },
  );
  const run = {
    ...failed({ seed: name }, { property: name, message: name, stack: name }),
    told: story,
  };
  const root = treeOf(
    pageOf(
      explored({
        ...{ name, reason: name, seeds: name, covered: [name], sometimes: [[name, 1]] },
        failures: [{ ...run, replay: name }],
        verdict: 'violated',
      }),
    ),
  );
  expectOwnMarkup(root);
  expect(textsOf(root)).toContain(printable(name).replace(/\s+/g, ' ').trim());
});

test('whatever is named or said, the page is well-formed and has no markup but its own', () => {
  fc.assert(
    fc.property(fc.array(anyExplored, { maxLength: 3 }), (all) => {
      expectOwnMarkup(treeOf(pageOf(...all)));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test('a story of 10,000 sentences on 30 nodes makes no large page', () => {
  const names = Array.from({ length: 30 }, (_, i) => `node-${i}`);
  const events = Array.from({ length: 10_000 }, (_, i) =>
    event({ node: names[i % 30]!, step: i + 1, text: `says ${'x'.repeat(5_000)}` }),
  );
  const text = pageOf(withStory(told(events, [], { nodes: names })));
  expect(text).toContain(
    '9,760 sentences are left out; `npx groundhog replay demo.story.json` tells',
  );
  expect(text.length).toBeLessThan(1e6);
});

test('of several scenarios each has a row, and the title says how many did not pass', () => {
  const root = treeOf(pageOf(explored(), explored({ name: 'b', verdict: 'vacuous' })));
  expect(textsOf(root)).toContain('2 scenarios: 1 did not pass');
  const links = [...below(root)].filter(({ name }) => name === 'a');
  expect(links.map(({ attributes }) => attributes['href'])).toEqual(['#s1', '#s2']);
});
