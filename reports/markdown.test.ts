import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bugsOf } from './explored.ts';
import { anyExplored, explored, failed } from './fixtures/explored.ts';
import { markdown } from './markdown.ts';
import { explanation, printable } from './text.ts';

test('a table of all, then each bug with its replay', () => {
  const failures = [failed(), failed({ seed: '9' })];
  const all = [explored(), explored({ name: 'a|b', verdict: 'violated', failures, runs: 12345 })];
  expect(markdown(all)).toBe(`## Groundhog

|  | scenario | verdict | seeds | virtual s | real s |
| --- | --- | --- | ---: | ---: | ---: |
| ✅ | \`demo\` | passed | 10 | 1.500 | 0.250 |
| ❌ | \`a\\|b\` | violated | 12,345 | 1.500 | 0.250 |

### \`a|b\`: \`check: register\`

\`the history is invalid\`

Seed \`7\` and 1 more; see it again:

\`\`\`sh
npx groundhog replay demo --seed 7
\`\`\`

<details><summary>What failed</summary>

\`\`\`text
seed 7 violated
check: register (client-1): the history is invalid
read() returned 1
after 2 was written
after 34 steps, virtual 1.5 ms, digest 0123456789abcdef
\`\`\`

</details>
`);
});

test('what was never seen, and why something tested nothing, is noted', () => {
  const text = markdown([
    explored({ verdict: 'vacuous', reason: 'no seed was run', neverSeen: ['a', 'b'] }),
  ]);
  expect(text).toContain('\n`demo`: `no seed was run`\n');
  expect(text).toContain('\n`demo`: sometimes, but never seen: `a`, `b`\n');
});

/** The lines between fences, by CommonMark: closed by a fence at least as long, alone on its line. */
function fences(text: string): { readonly outside: string[]; readonly inside: string[] } {
  const outside: string[] = [];
  const inside: string[] = [];
  let open: string | undefined;
  let block: string[] = [];
  for (const line of text.split('\n')) {
    const fence = /^ {0,3}(`{3,})(.*)$/.exec(line);
    if (open === undefined) {
      if (fence !== null && !fence[2]!.includes('`')) open = fence[1]!;
      else outside.push(line);
    } else if (fence !== null && fence[2]!.trim() === '' && fence[1]!.length >= open.length) {
      inside.push(block.join('\n'));
      open = undefined;
      block = [];
    } else {
      block.push(line);
    }
  }
  expect(open).toBeUndefined();
  return { outside, inside };
}

/** The line without its code spans, which end at as many ticks as they began with. */
function withoutCode(line: string): string {
  return line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, 'CODE');
}

test('whatever was said and named, it is code and changes nothing around it', () => {
  fc.assert(
    fc.property(anyExplored, (one) => {
      const { outside, inside } = fences(markdown([one]));
      const bugs = bugsOf(one);
      expect(inside).toEqual(
        bugs.flatMap(({ runs: [first] }) => [printable(first.replay), explanation(first)]),
      );
      const rows = outside.filter((line) => line.startsWith('|'));
      expect(rows).toHaveLength(3);
      // A table is split into cells before code is looked for.
      expect(rows[2]!.split(/(?<!\\)\|/)).toHaveLength(8);
      const page = outside.map((line) => (line.startsWith('|') ? '' : withoutCode(line)));
      expect(new Set(page)).toEqual(new Set(expectedLines(one.neverSeen.length, page)));
    }),
    { numRuns: 500 },
  );
});

/** Every line that a page may have outside of its table and its code. */
function expectedLines(neverSeen: number, page: readonly string[]): string[] {
  const names = Array.from({ length: neverSeen }, () => 'CODE').join(', ');
  const allowed = [
    '',
    '## Groundhog',
    '### CODE: CODE',
    'CODE',
    'CODE: CODE',
    `CODE: sometimes, but never seen: ${names}`,
    'Seed CODE; see it again:',
    'Seed CODE and 1 more; see it again:',
    'Seed CODE and 2 more; see it again:',
    '<details><summary>What failed</summary>',
    '</details>',
  ];
  return allowed.filter((line) => page.includes(line));
}
