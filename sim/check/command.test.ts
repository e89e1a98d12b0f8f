import { describe, expect, test } from 'vitest';
import {
  type CheckedFile,
  type CheckRequest,
  type CheckResult,
  type CheckShell,
  checkFiles,
  exitCodeOf,
  fileInWords,
  type RefusedFile,
  refusalInWords,
  totalInWords,
  writePage,
} from './command.ts';
import { MODELS } from './models.ts';
import { pageOf } from './picture/page.ts';

/** A file system of texts, and a clock that goes by one. */
class Shell implements CheckShell {
  readonly files: Map<string, string>;
  #now = 0;

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files));
  }

  readFile(path: string): Uint8Array {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`no such file: ${path}`);
    return Buffer.from(text);
  }

  replaced(path: string): string {
    return this.files.get(path) ?? '';
  }

  nowMs(): number {
    return this.#now++;
  }
}

type Flags = Partial<Omit<CheckRequest, 'files' | 'model'>>;

function check(text: string, model: string, flags: Flags = {}) {
  return results({ files: ['h'], model, ...flags }, new Shell({ h: text }))[0]!;
}

function results(request: CheckRequest, shell: Shell): readonly CheckResult[] {
  return Array.from(checkFiles(request, shell), ({ result }) => result);
}

function verdictOf(text: string, model: string, flags: Flags = {}) {
  const result = check(text, model, flags);
  return 'error' in result ? result.error.message : result.verdict;
}

const STALE = `{:process 0, :type :invoke, :f :write, :value 1}
{:process 0, :type :ok, :f :write, :value 1}
{:process 1, :type :invoke, :f :read, :value nil}
{:process 1, :type :ok, :f :read, :value 0}`;

test('a file gives one object', () => {
  const result = check(STALE, 'register', { init: '0' }) as CheckedFile;
  expect(result).toMatchObject({
    file: 'h',
    model: 'register',
    format: 'jepsen-edn',
    verdict: 'invalid',
    operations: 2,
    wallMs: 1,
  });
  expect(result.reason).toBe(
    'read() → 0 by 1 [2, 3] returned the initial value after write(1) by 0 [0, 1] had returned',
  );
  expect(result.anomalies[0]!.operations).toEqual([0, 1]);
});

test('exit codes: refused before invalid before unknown before valid', () => {
  const impossible = '{:process 0, :type :ok, :f :write, :value 1}';
  const valid = STALE.replace(':value 0', ':value 1');
  const shell = new Shell({ invalid: STALE, valid, unknown: impossible, refused: '{' });
  const code = (...files: string[]) =>
    exitCodeOf(results({ files, model: 'register', init: '0', format: 'jepsen-edn' }, shell));
  expect(code('valid')).toBe(0);
  expect(code('valid', 'unknown')).toBe(4);
  expect(code('valid', 'unknown', 'invalid')).toBe(1);
  expect(code('valid', 'unknown', 'invalid', 'refused')).toBe(2);
  expect(code('missing', 'valid')).toBe(2);
});

test('a file without operations is not judged', () => {
  const nemesis = '{:process :nemesis, :type :info, :f :kill}';
  for (const text of ['[]', nemesis]) {
    const result = check(text, 'register', { format: 'jepsen-edn' }) as CheckedFile;
    expect([result.verdict, result.reason]).toEqual(['unknown', 'there are no operations in it']);
  }
});

test('a compare-and-set whose end repeats its call is judged as successful', () => {
  const cas = (input: string) =>
    `{:process 0 :type :invoke :f :cas :value ${input}}{:process 0 :type :ok :f :cas :value ${input}}`;
  expect(verdictOf(cas('[nil 1]'), 'cas-register')).toBe('valid');
  expect(verdictOf(cas('[2 1]'), 'cas-register')).toBe('invalid');
  expect(verdictOf(cas('[9 [nil 1]]'), 'cas-register', { by: 'key' })).toBe('valid');
  expect(verdictOf(cas('[nil 1]'), 'sequential')).toBe('valid');
  const line = '{"process":"a","name":"cas","input":[null,1]}';
  expect(verdictOf(line, 'cas-register')).toBe('cas answers true or false, not null');
});

describe('an end that repeats its call', () => {
  const op = (f: string, called: unknown, answer: unknown) =>
    `{:process 0 :type :invoke :f ${f} :value ${called}}{:process 0 :type :ok :f ${f} :value ${answer}}`;

  test('is the answer of what always answers', () => {
    const twice = op(':add-and-get', 5, 5).repeat(2);
    expect(verdictOf(twice, 'counter')).toBe('invalid');
    const pairs = op(':add-and-get', 5, '[5 5]') + op(':add-and-get', 5, '[5 10]');
    expect(verdictOf(pairs, 'counter')).toBe('valid');
  });

  test('is an answer where the operation has answered otherwise', () => {
    expect(verdictOf(op(':append', 9, 0) + op(':append', 0, 0), 'log')).toBe('invalid');
    expect(verdictOf(op(':append', 9, 0) + op(':append', 1, 1), 'log')).toBe('valid');
  });

  test('is an echo otherwise, which is said of what could have been an offset', () => {
    const echoes = op(':append', 9, 9) + op(':append', 0, 0);
    expect(check(echoes, 'log')).toMatchObject({
      verdict: 'valid',
      readings: [expect.stringContaining('repeats the call, and tells no offset')],
    });
    expect(check(op(':write', 9, 9), 'register', { format: 'jepsen-edn' })).toMatchObject({
      readings: [expect.stringContaining('a read of nil')],
    });
  });
});

test('a process waits for its calls, also where they do not tell when they returned', () => {
  const lines = ['"write","input":1', '"write","input":2', '"read","output":1', '"read"'];
  const text = lines.map((rest) => `{"process":0,"name":${rest}}`).join('\n');
  expect(check(text, 'register')).toMatchObject({
    verdict: 'invalid',
    readings: [expect.stringContaining('did so before the next call of its process')],
  });
});

test('dbcop: what was read by a transaction that did not commit is judged', () => {
  expect(verdictOf('[x:=1]\n[y==5]!', 'rc')).toBe('invalid');
  expect(verdictOf('[x:=1 x:=2]\n[x==1]!', 'rc')).toBe('invalid');
  expect(verdictOf('[x:=1]\n[x==1 x:=2]!', 'ser')).toBe('valid');
  expect(verdictOf('[x==0 y:=1]\n---\n[y==1]', 'ser')).toBe('valid');
});

test('transactions of one process are judged where their calls were not recorded', () => {
  const txn = (list: string) => `{:process 0, :type :ok, :value [${list}]}\n`;
  const told = (seen: string) => txn('[:append :x 1]') + txn(`[:r :x ${seen}]`);
  for (const model of ['ser', 'strict-ser', 'monotonic-reads', 'sequential']) {
    expect(verdictOf(told('[1]'), model)).toBe('valid');
  }
  expect(verdictOf(told('[]'), 'session-ser')).toBe('invalid');
});

test('several files get a line each and a total', () => {
  const shell = new Shell({ a: STALE, b: '{', c: '{:process 0, :type :ok, :f :write, :value 1}' });
  const request = { files: ['a', 'b', 'c'], model: 'register', init: '0' };
  const all = results(request, shell);
  const words = all.map((result) =>
    'error' in result ? refusalInWords(result) : fileInWords(result),
  );
  expect(
    [...words, totalInWords(all)].join('\n'),
  ).toBe(`a: invalid (register, jepsen-edn, 2 operations)
  not-linearizable
    read() → 0 by 1 [2, 3] returned the initial value after write(1) by 0 [0, 1] had returned
    after write(1) by 0 [0, 1], in the state 1: it would have returned 1
  reading: a read of nil means that the register held nil, not that nobody saw the value
b:1: "{" is never closed; it was read as jepsen-edn, --format names another
c: unknown (register, jepsen-edn, 1 operation)
  impossible history: line 1: write by process 0 ends without having been called
  reading: a read of nil means that the register held nil, not that nobody saw the value
3 files: 1 invalid, 1 unknown, 1 refused`);
});

test('where a search ended is told in terms of the whole file, order by order', () => {
  const line = (key: string, name: string, value: unknown, [called, returned]: number[]) => {
    const said = name === 'read' ? { input: [key, null], output: value } : { input: [key, value] };
    return JSON.stringify({ process: `${key}${called}`, name, ...said, called, returned });
  };
  const text = [
    line('fine', 'write', 7, [0, 1]),
    line('k', 'write', 1, [2, 5]),
    line('k', 'write', 2, [3, 6]),
    line('k', 'write', 1, [4, 7]),
    line('k', 'read', 3, [8, 9]),
  ].join('\n');
  const result = check(text, 'register', { by: 'key' }) as CheckedFile;
  const { blamed, orders } = result.failure!;
  expect([blamed, orders.map(({ order }) => order)]).toEqual([
    4,
    [
      [1, 2, 3],
      [1, 3, 2],
    ],
  ]);
  expect(fileInWords(result)).toContain(
    '    after write(["k",1]) by k2 [2, 5], write(["k",1]) by k4 [4, 7], write(["k",2]) by k3 [3, 6], in the state 2: it would have returned 2',
  );
});

describe('refused', () => {
  const errorOf = (text: string, model: string, flags?: Flags) =>
    (check(text, model, flags) as RefusedFile).error;

  test('text that is not in the format, with its line', () => {
    expect(errorOf('{:process 0, :type :invoke, :f :read}\n{:type', 'register')).toEqual({
      code: 'malformed',
      line: 2,
      message: '"{" is never closed; it was read as jepsen-edn, --format names another',
    });
  });

  test('an operation that the model does not have, with its line', () => {
    expect(errorOf(STALE.replaceAll(':read', ':peek'), 'register')).toMatchObject({
      code: 'unknown-operation',
      line: 3,
    });
    expect(
      errorOf(
        STALE.replaceAll(/:value \d/g, ':value [7 1]')
          .replace(':value nil', ':value [7 nil]')
          .replaceAll(':read', ':peek'),
        'register',
        { by: 'key' },
      ),
    ).toMatchObject({
      code: 'unknown-operation',
      line: 3,
    });
  });

  test('an operation whose end is on another line, with both', () => {
    const text = `{:process 0 :type :invoke :f :txn :value [[:r 1 nil] [:append 2 3]]}

{:process 0 :type :ok :f :txn :value [[:r 1 5] [:append 2 3]]}`;
    expect(errorOf(text, 'ser')).toMatchObject({
      line: 1,
      message: 'a read of a list returned 5 (it ends on line 3)',
    });
  });

  test('a file that is not there', () => {
    const [result] = results({ files: ['x'], model: 'register' }, new Shell({}));
    expect((result as RefusedFile).error).toEqual({
      code: 'unreadable',
      message: 'it cannot be read: no such file: x',
    });
  });

  test.each([
    ['ENOENT', 'there is no such file'],
    ['EISDIR', 'it is a folder; name the files in it'],
    ['EACCES', 'it may not be read by this user'],
    ['ERR_STRING_TOO_LONG', expect.stringMatching('longer than half a gigabyte')],
  ])('a file that the machine refuses with %s', (code, message) => {
    const shell = new Shell({});
    shell.readFile = () => {
      throw Object.assign(new Error(code), { code });
    };
    const [result] = results({ files: ['x'], model: 'register' }, shell);
    expect(result).toMatchObject({ error: { code: 'unreadable', message } });
  });

  test('a format that is not known', () => {
    expect(errorOf('what?', 'register').code).toBe('unknown-format');
  });

  test.each<[string, Flags, string]>([
    ['nothing', {}, 'there is no model nothing, only register, cas-register'],
    ['toString', {}, 'there is no model toString'],
    ['regster', {}, "there is no model regster; did you mean 'register'?"],
    ['serializable', {}, 'there is no model serializable; it is called ser'],
    ['linearizable', {}, 'there is no model linearizable; name the object: register, kv'],
    ['register', { format: 'jsnl' }, "there is no format jsnl; did you mean 'jsonl'?"],
    ['register', { format: 'xml' }, 'there is no format xml, only jsonl, etcd'],
    ['bank', { total: 'x' }, '--total takes a number, not x'],
    ['register', { by: 'value' }, '--by knows key only, not value'],
    ['register', { partition: 'yes' }, '--partition knows no and objects only, not yes'],
    ['counter', { init: 'x' }, 'a counter starts from a number, not from "x"'],
    ['register', { total: '5' }, 'register takes no --total, only bank'],
    ['bank', { init: '5' }, 'bank takes no --init, only register, cas-register'],
    ['counter', { negative: 'allowed' }, 'counter takes no --negative, only bank'],
    ['ser', { partition: 'no' }, 'ser takes no --partition, only register'],
    ['register', { init: '['.repeat(600) + ']'.repeat(600) }, 'is more than 500 deep'],
  ])('flags that make no sense: %s %j', (model, flags, message) => {
    expect(() => check(STALE, model, flags)).toThrowError(message);
  });

  test('a page that would take the place of a recording, before anything is judged', () => {
    const page = pageOf('', []);
    const shell = new Shell({ h: STALE, other: STALE, page, empty: '' });
    const writing = (html: string) => () =>
      results({ files: ['h'], model: 'register', html }, shell);
    expect(writing('h')).toThrowError('h: it is to be checked; name another file for the page');
    expect(writing('other')).toThrowError('other: it is there already and is no page of ours');
    expect(writing('other')).toThrowError(expect.objectContaining({ code: 'unwritable' }));
    for (const html of ['page', 'empty', 'new']) expect(writing(html)).not.toThrow();
    shell.replaced = () => {
      throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    };
    expect(writing('no/page')).toThrowError('no/page: its folder does not exist');
  });

  test('a page that cannot be written', () => {
    const fail = () => {
      throw new Error('read-only');
    };
    expect(() => writePage('page.html', [], fail)).toThrowError(
      expect.objectContaining({
        code: 'unwritable',
        message: 'page.html: it cannot be written: read-only',
      }),
    );
  });

  test('what the format was taken for, where it was not named', () => {
    const text = 'No such thing';
    const guessed = errorOf('[1 2]', 'register').message;
    expect(guessed).toBe(
      'an event is a map, not 1; it was read as jepsen-edn, --format names another',
    );
    expect(errorOf(text, 'register', { format: 'jepsen-edn' }).message).not.toContain('--format');
  });

  test('control characters do not reach a terminal, nor do megabytes', () => {
    const refused = check(`r(\u001b[2J${'x'.repeat(5000)}`, 'rc', { format: 'plume' });
    const words = refusalInWords(refused as RefusedFile);
    expect(words).toContain('\\u001b[2J');
    expect(words).not.toContain('\u001b');
    expect(words.length).toBeLessThan(1000);
    const process = '"\\u009b1m\\u202e"';
    const line = `{"process":${process},"name":"read","output":"${'y'.repeat(9000)}"}`;
    const told = fileInWords(check(line, 'register') as CheckedFile);
    expect(told).toContain('by \\u009b1m\\u202e');
    expect(told.length).toBeLessThan(20_000);
  });
});

describe('flags', () => {
  const readings = (text: string, flags?: Flags): readonly string[] =>
    (check(text, 'register', flags) as CheckedFile).readings;

  test('reads of [key, nothing] are told about --by key', () => {
    const keyed = STALE.replaceAll(/:value \d/g, ':value [7 1]').replace(
      ':value nil',
      ':value [7 nil]',
    );
    const told = 'reads are of [key, nothing], all of one register; with --by key of one each';
    expect(readings(keyed)).toContain(told);
    expect(readings(keyed, { by: 'key' })).not.toContain(told);
    expect(readings(STALE)).not.toContain(told);
  });

  test('--init is JSON, nil, or a text', () => {
    expect(verdictOf(STALE, 'register', { init: '0' })).toBe('invalid');
    const initial = (value: string) =>
      `{:process 0, :type :invoke, :f :read, :value nil}\n{:process 0, :type :ok, :f :read, :value ${value}}`;
    expect(verdictOf(initial('3'), 'register', { init: '3' })).toBe('valid');
    expect(verdictOf(initial('"a b"'), 'register', { init: 'a b' })).toBe('valid');
    expect(verdictOf(initial('nil'), 'register', { init: 'nil' })).toBe('valid');
    expect(verdictOf(initial('nil'), 'register')).toBe('valid');
    expect(verdictOf(initial('nil'), 'register', { init: '3' })).toBe('invalid');
  });

  test('--total', () => {
    const read = `{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :read, :value {0 7, 1 3}}`;
    expect(verdictOf(read, 'bank', { total: '10' })).toBe('valid');
    expect(verdictOf(read, 'bank', { total: '11' })).toBe('invalid');
  });

  test('--negative', () => {
    const read = `{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :read, :value {0 7, 1 -3}}`;
    expect(verdictOf(read, 'bank')).toBe('invalid');
    expect(verdictOf(read, 'bank', { negative: 'forbidden' })).toBe('invalid');
    expect(verdictOf(read, 'bank', { negative: 'allowed' })).toBe('valid');
    expect(() => verdictOf(read, 'bank', { negative: 'yes' })).toThrowError(
      '--negative knows allowed and forbidden only, not yes',
    );
  });

  test('--by key judges each key by itself', () => {
    const op = (process: number, f: string, key: number, value: string) =>
      `{:process ${process}, :type :invoke, :f ${f}, :value [${key} ${f === ':read' ? 'nil' : value}]}\n{:process ${process}, :type :ok, :f ${f}, :value [${key} ${value}]}`;
    const fine = [op(0, ':write', 1, '5'), op(1, ':write', 2, '6'), op(0, ':read', 1, '5')].join(
      '\n',
    );
    expect(verdictOf(fine, 'register', { by: 'key' })).toBe('valid');
    const crossed = `${fine}\n${op(0, ':read', 1, '6')}`;
    const result = check(crossed, 'register', { by: 'key' }) as CheckedFile;
    expect(result.verdict).toBe('invalid');
    expect(result.reason).toBe('1: read() → 6 by 0 [6, 7] read a value that nobody wrote');
    expect(result.anomalies[0]!.operations).toEqual([3]);
  });

  test('--by key judges the registers of a sequential history together', () => {
    const op = (process: number, f: string, key: number, value: string) =>
      `{:process ${process}, :type :invoke, :f ${f}, :value [${key} ${f === ':read' ? 'nil' : value}]}\n{:process ${process}, :type :ok, :f ${f}, :value [${key} ${value}]}`;
    const dekker = [
      op(0, ':write', 1, '5'),
      op(0, ':read', 2, 'nil'),
      op(1, ':write', 2, '6'),
      op(1, ':read', 1, 'nil'),
    ].join('\n');
    expect(verdictOf(dekker, 'sequential', { by: 'key' })).toBe('invalid');
    const fine = dekker.replace(/:value \[1 nil\]}$/, ':value [1 5]}');
    expect(verdictOf(fine, 'sequential', { by: 'key' })).toBe('valid');
    const queue = op(0, ':enqueue', 1, '5');
    expect(verdictOf(queue, 'sequential', { by: 'key' })).toContain(
      'need not hold of all together',
    );
  });

  test('--by key refuses transactions, which name their keys themselves', () => {
    const skew = `{:process 0, :type :ok, :f :txn, :value [[:r :x []] [:append :y 1]]}
{:process 1, :type :ok, :f :txn, :value [[:r :y []] [:append :x 1]]}`;
    for (const model of ['ser', 'sequential', 'monotonic-reads', 'long-fork', 'monotonic']) {
      expect(verdictOf(skew, model, { by: 'key' })).toContain('names its keys itself');
    }
    const multi =
      '{"process":0,"name":"txn","input":["g",[["r","x",null]]],"output":["g",[["r","x",1]]]}';
    expect(verdictOf(multi, 'multi-register', { by: 'key' })).toBe('invalid');
  });

  test('--by key judges what holds only of all keys together', () => {
    const line = (process: number, name: string, key: string, value: number | null) =>
      JSON.stringify({
        process,
        name,
        input: [key, value],
        output: name === 'read' ? value : null,
      });
    const behind = [
      line(0, 'write', 'x', 1),
      line(0, 'write', 'y', 1),
      line(1, 'read', 'y', 1),
      line(1, 'read', 'x', null),
    ].join('\n');
    expect(verdictOf(behind, 'monotonic-writes', { by: 'key' })).toBe('invalid');
    expect(verdictOf(behind, 'causal', { by: 'key' })).toBe('invalid');
    expect(verdictOf(behind, 'monotonic-reads', { by: 'key' })).toBe('valid');
  });

  test('--partition no judges all keys as one object', () => {
    const kv = `{:process 0, :type :invoke, :f :put, :key "x", :value "a"}
{:process 0, :type :ok, :f :put, :key "x", :value "a"}
{:process 0, :type :invoke, :f :get, :key "y", :value nil}
{:process 0, :type :ok, :f :get, :key "y", :value ""}`;
    expect(verdictOf(kv, 'kv', { partition: 'no' })).toBe('valid');
    expect(verdictOf(kv, 'kv', { partition: 'objects' })).toBe('valid');
    expect(verdictOf(kv.replace('""', '"a"'), 'kv', { partition: 'no' })).toBe('invalid');
  });

  test('--html makes one page without anything from elsewhere', () => {
    const shell = new Shell({ a: STALE, b: '{', c: STALE.replace(':value 0', ':value 1') });
    const files = ['a', 'b', 'c'];
    const request = { files, model: 'register', init: '0', html: 'p.html' };
    const sections = Array.from(checkFiles(request, shell), ({ section }) => section!);
    let page = '';
    writePage('p.html', sections, (_, text) => {
      page = text;
    });
    expect(page.match(/<section>/g)).toHaveLength(3);
    expect(page).toContain('class="operation ok involved"');
    expect(page).toContain('is never closed');
    expect(page).not.toMatch(/https?:|src=|@import|<script/);
    const [later] = Array.from(checkFiles(request, shell, 2), ({ section }) => section);
    expect(later).toBe(sections[2]);
  });

  test('a mistake of ours says nothing of the file, and the others are judged', () => {
    const shell = new Shell({ a: STALE, b: STALE });
    const { nowMs } = shell;
    let calls = 0;
    shell.nowMs = () => {
      if (calls++ === 0) throw new TypeError('undefined is not a function');
      return nowMs.call(shell);
    };
    const all = results({ files: ['a', 'b'], model: 'register', init: '0' }, shell);
    expect(all).toMatchObject([
      {
        verdict: 'unknown',
        reason: expect.stringMatching(/mistake in it .* TypeError: undefined/),
      },
      { verdict: 'invalid' },
    ]);
    expect(exitCodeOf(all.slice(0, 1))).toBe(4);
  });

  test('sequential takes the object from what is done to it', () => {
    const line = (name: string, input: unknown, output: unknown) =>
      `${JSON.stringify({ process: 0, name, input, output })}\n`;
    const judged = (lines: string, flags?: Flags) => verdictOf(lines, 'sequential', flags);
    expect(judged(line('read', null, 5) + line('add', 1, null), { init: '5' })).toBe('valid');
    const counted = line('add', 1, null) + line('read', null, 6);
    expect([judged(counted, { init: '5' }), judged(counted)]).toEqual(['valid', 'invalid']);
    expect(judged(line('add-and-get', 2, 7), { init: '5' })).toBe('valid');
    expect(judged(line('dequeue', null, 1))).toBe('invalid');
    expect(judged(line('pop', null, null))).toBe('valid');
    expect(judged(line('release', null, null))).toBe('invalid');
    const tokens = line('acquire', null, 2) + line('release', null, null);
    expect(judged(tokens + line('acquire', null, 1))).toBe('invalid');
    expect(judged(tokens + line('acquire', null, 3))).toBe('valid');
    expect(judged(line('cas', { key: 'x', from: null, to: 1 }, true))).toBe('valid');
    expect(judged(line('append', { key: 'x', value: 'a' }, null), { init: '""' })).toBe('valid');
    expect(judged(line('add', 'a', null) + line('add', 'b', null))).toBe('valid');
  });
});

test('every model has a history that it accepts and one that it rejects', () => {
  // Lines of our own format: [name, input, output] in order, one process each unless given.
  const lines = (operations: readonly (readonly [string, unknown, unknown, string?])[]) =>
    operations
      .map(([name, input, output, process = 'a'], i) =>
        JSON.stringify({ process, name, input, output, called: 2 * i, returned: 2 * i + 1 }),
      )
      .join('\n');
  const txn = (...micro: readonly unknown[][]) =>
    ['txn', micro.map(([k, key, v]) => [k, key, k === 'r' ? null : v]), micro] as const;
  const reg = [
    [
      ['write', 1, null],
      ['read', null, 1],
    ],
    [
      ['write', 1, null],
      ['read', null, null],
    ],
  ] as const;
  const isolated = [
    [txn(['w', 'x', 1]), txn(['r', 'x', 1])],
    [txn(['w', 'x', 1]), txn(['r', 'x', 2])],
  ] as const;
  const cases: Readonly<Record<string, readonly [unknown, unknown]>> = {
    register: reg,
    'cas-register': [[['cas', [null, 1], true]], [['cas', [2, 1], true]]],
    'multi-register': isolated,
    kv: [
      [
        ['put', { key: 'x', value: 'a' }, null],
        ['append', { key: 'x', value: 'b' }, null],
        ['get', { key: 'x' }, 'ab'],
      ],
      [
        ['put', { key: 'x', value: 'a' }, null],
        ['get', { key: 'x' }, 'ab'],
      ],
    ],
    counter: [
      [
        ['add', 2, null],
        ['read', null, 2],
      ],
      [
        ['add', 2, null],
        ['read', null, 3],
      ],
    ],
    set: [
      [
        ['add', 1, true],
        ['contains', 1, true],
      ],
      [['contains', 1, true]],
    ],
    queue: [
      [
        ['enqueue', 1, null],
        ['dequeue', null, 1],
      ],
      [['dequeue', null, 1]],
    ],
    stack: [
      [
        ['push', 1, null],
        ['push', 2, null],
        ['pop', null, 2],
      ],
      [
        ['push', 1, null],
        ['push', 2, null],
        ['pop', null, 1],
      ],
    ],
    mutex: [
      [
        ['acquire', null, null],
        ['release', null, null],
      ],
      [
        ['acquire', null, null],
        ['acquire', null, null, 'b'],
      ],
    ],
    'fencing-lock': [
      [
        ['acquire', null, 1],
        ['release', null, null],
        ['acquire', null, 2, 'b'],
      ],
      [
        ['acquire', null, 2],
        ['release', null, null],
        ['acquire', null, 1, 'b'],
      ],
    ],
    log: [
      [
        ['append', 'a', 0],
        ['read', null, ['a']],
      ],
      [
        ['append', 'a', 0],
        ['read', null, []],
      ],
    ],
    sequential: reg,
    'read-your-writes': reg,
    'monotonic-reads': [
      [
        ['write', 1, null],
        ['read', null, 1, 'b'],
        ['read', null, 1, 'b'],
      ],
      [
        ['write', 1, null],
        ['read', null, 1, 'b'],
        ['read', null, null, 'b'],
      ],
    ],
    'monotonic-writes': [
      [
        txn(['w', 'x', 1]),
        txn(['w', 'y', 1]),
        [...txn(['r', 'y', 1]), 'b'],
        [...txn(['r', 'x', 1]), 'b'],
      ],
      [
        txn(['w', 'x', 1]),
        txn(['w', 'y', 1]),
        [...txn(['r', 'y', 1]), 'b'],
        [...txn(['r', 'x', null]), 'b'],
      ],
    ],
    'writes-follow-reads': [
      [
        txn(['w', 'x', 1]),
        [...txn(['r', 'x', 1]), 'b'],
        [...txn(['w', 'y', 1]), 'b'],
        [...txn(['r', 'y', 1]), 'c'],
        [...txn(['r', 'x', 1]), 'c'],
      ],
      [
        txn(['w', 'x', 1]),
        [...txn(['r', 'x', 1]), 'b'],
        [...txn(['w', 'y', 1]), 'b'],
        [...txn(['r', 'y', 1]), 'c'],
        [...txn(['r', 'x', null]), 'c'],
      ],
    ],
    rc: isolated,
    ra: isolated,
    causal: isolated,
    si: isolated,
    ser: isolated,
    'session-ser': isolated,
    'strict-ser': isolated,
    bank: [
      [
        ['read', null, { a: 1 }],
        ['read', null, { a: 1 }],
      ],
      [
        ['read', null, { a: 1 }],
        ['read', null, { a: 2 }],
      ],
    ],
    'counter-bounds': [
      [
        ['add', 2, null],
        ['read', null, 2],
      ],
      [
        ['add', 2, null],
        ['read', null, 3],
      ],
    ],
    'final-set': [
      [
        ['add', 1, null],
        ['read', null, [1]],
      ],
      [
        ['add', 1, null],
        ['read', null, []],
      ],
    ],
    'set-full': [
      [
        ['add', 1, null],
        ['read', null, [1]],
      ],
      [
        ['add', 1, null],
        ['read', null, []],
      ],
    ],
    'long-fork': [
      [txn(['r', 'x', 1], ['r', 'y', null]), txn(['r', 'x', 1], ['r', 'y', 1])],
      [txn(['r', 'x', 1], ['r', 'y', null]), txn(['r', 'x', null], ['r', 'y', 1])],
    ],
    'unique-ids': [
      [
        ['generate', null, 1],
        ['generate', null, 2],
      ],
      [
        ['generate', null, 1],
        ['generate', null, 1],
      ],
    ],
    monotonic: [
      [
        ['read', null, 1],
        ['read', null, 1],
      ],
      [
        ['read', null, 1],
        ['read', null, 0],
      ],
    ],
    'total-queue': [
      [
        ['enqueue', 1, null],
        ['dequeue', null, 1],
      ],
      [['enqueue', 1, null]],
    ],
    convergence: [
      [
        ['report', null, { updates: [1], state: 1 }],
        ['report', null, { updates: [1], state: 1 }, 'b'],
      ],
      [
        ['report', null, { updates: [1], state: 1 }],
        ['report', null, { updates: [1], state: 2 }, 'b'],
      ],
    ],
  };
  expect(Object.keys(cases).sort()).toEqual(Object.keys(MODELS).sort());
  for (const [model, [accepted, rejected]] of Object.entries(cases)) {
    expect([model, verdictOf(lines(accepted as never), model)]).toEqual([model, 'valid']);
    expect([model, verdictOf(lines(rejected as never), model)]).toEqual([model, 'invalid']);
  }
});
