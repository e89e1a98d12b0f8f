import { expect, test } from 'vitest';
import { kv } from '../linear/kv.ts';
import { linearizable } from '../linear/linearizable.ts';
import { register } from '../linear/register.ts';
import { readJepsenEdn } from '../read/jepsen.ts';
import { readJsonl } from '../read/jsonl.ts';
import { isolation } from '../txn/isolation.ts';
import { picturePage } from './page.ts';

const STALE = `
{:process 0, :type :invoke, :f :write, :value 1}
{:process :nemesis, :type :info, :f :start, :value "n1 <cut off>"}
{:process 0, :type :ok, :f :write, :value 1}
{:process :nemesis, :type :info, :f :stop}
{:process 1, :type :invoke, :f :write, :value 2}
{:process 2, :type :invoke, :f :read, :value nil}
{:process 1, :type :info, :f :write, :value 2}
{:process 2, :type :ok, :f :read, :value 0}`;

function pageOf(text: string): string {
  const { history, marks = [] } = readJepsenEdn(text);
  const verdict = linearizable(history, register({ initial: 0 }));
  return picturePage([{ title: 'a & b', history, verdict, marks }]);
}

function count(page: string, what: RegExp): number {
  return page.match(what)?.length ?? 0;
}

test('operations are bars, one lane a process, and those of the anomaly stand out', () => {
  const page = pageOf(STALE);
  expect(count(page, /<g class="operation /g)).toBe(3);
  expect(count(page, /<g class="operation ok involved"/g)).toBe(2);
  expect(count(page, /<g class="operation unknown"/g)).toBe(1);
  expect(count(page, /class="process"/g)).toBe(3);
  expect(page).toContain('a &amp; b');
});

test('faults are drawn in, the last one before the picture too', () => {
  const page = pageOf(STALE);
  expect(page).toContain('>start n1 &lt;cut off&gt;<');
  expect(page).toContain('>stop<');
  const later = pageOf(`{:process :nemesis, :type :info, :f :start}\n${STALE}`);
  expect(later).toContain('>start, before<');
});

test('each surviving order is drawn and can be selected, the first one is', () => {
  const page = pageOf(STALE);
  const orders = count(page, /<g class="order order-\d+"/g);
  expect(orders).toBe(2);
  expect(count(page, /<input type="radio"/g)).toBe(orders);
  expect(count(page, / checked=""/g)).toBe(1);
  for (let i = 0; i < orders; i++) {
    expect(page).toContain(`.choose-${i}:checked ~ .scrolled .order-${i} { display: inline; }`);
  }
});

test('a cycle has a box for each transaction and an arrow of its kind for each edge', () => {
  const { history } = readJepsenEdn(`
    {:process 0, :type :ok, :value [[:r :x []] [:append :y 1]]}
    {:process 1, :type :ok, :value [[:r :y []] [:append :x 1]]}`);
  const verdict = isolation(history, 'ser');
  const page = picturePage([{ title: 'skew', history, verdict }]);
  expect(count(page, /<g class="operation /g)).toBe(2);
  expect(count(page, /<g class="edge rw"/g)).toBe(2);
  expect(page).toContain('G2-item, write-skew');
});

test('the words of a call fit into its bar, and times stand below', () => {
  const line = (process: string, rest: string) => `{"process":"${process}","name":${rest}}\n`;
  const { history } = readJsonl(
    line('a', '"write","input":"a rather long value","called":7,"returned":8') +
      line('b', '"write","input":3,"outcome":"unknown","called":9,"returned":9') +
      line('a', '"read","output":"a rather long value","called":10,"returned":11'),
  );
  const page = picturePage([{ title: 'h', history, verdict: linearizable(history, register()) }]);
  const bars = [...page.matchAll(/<svg x="(\d+)"[^>]* width="(\d+)"[^>]*><text[^>]*>([^<]*)</g)];
  expect(bars.map(([, , , words]) => words)).toHaveLength(3);
  for (const [, , width, words] of bars) {
    expect(Number(width)).toBeGreaterThan(6 * words!.replaceAll(/&\w+;/g, '"').length);
  }
  const [first, second] = bars.map(([, x, width]) => [Number(x), Number(x) + Number(width)]);
  expect(first![1]).toBeLessThanOrEqual(second![0]!);
  expect(page).toMatch(/<g class="axis">.*>7<.*>11</);
});

test('of many objects only the one to blame is drawn, and what is left out is said', () => {
  const puts = Array.from(
    { length: 300 },
    (_, i) =>
      `{"process":${i},"name":"put","input":{"key":"${i % 3}","value":${i}},"called":${i},"returned":${i + 2}}\n`,
  ).join('');
  const { history } = readJsonl(puts);
  const valid = picturePage([{ title: 'h', history, verdict: linearizable(history, kv()) }]);
  expect(valid).toContain('The first 200 of 300 operations:');
  const stale = '{"process":"x","name":"get","input":{"key":"1"},"output":1,"called":400}';
  const broken = readJsonl(puts + stale).history;
  const page = picturePage([{ title: 'h', history: broken, verdict: linearizable(broken, kv()) }]);
  expect(page).toContain('get({&quot;key&quot;:&quot;1&quot;})');
  expect(page).not.toContain('put({&quot;key&quot;:&quot;2&quot;');
});
