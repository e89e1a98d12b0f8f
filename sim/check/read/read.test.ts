import { describe, expect, test } from 'vitest';
import type { History, Operation } from '../history.ts';
import { isolation } from '../txn/isolation.ts';
import { readEdn } from './edn.ts';
import { formatOf, type HistoryFormat, readHistory } from './format.ts';
import { readJsonl, writeJsonl } from './jsonl.ts';

/** `0 write(3) ok 3 [0, 4]` for each operation. */
function lines(history: History): readonly string[] {
  return history.map(({ process, name, input, outcome, output, called, returned }) => {
    const answer = output === undefined ? '' : ` ${JSON.stringify(output)}`;
    const end = returned === Infinity ? '' : returned;
    return `${process} ${name}(${JSON.stringify(input)}) ${outcome}${answer} [${called}, ${end}]`;
  });
}

function read(text: string, format: HistoryFormat): readonly string[] {
  return lines(readHistory(text, format).history);
}

describe('EDN', () => {
  test('equal sets are equal, and characters are what they are called', () => {
    const value = (text: string) => readEdn(text)[0]!.value;
    expect(value('#{3 1 2}')).toEqual(value('#{2 3 1}'));
    expect(value('{:a \\u0041 :b \\a :c \\newline}')).toEqual({ a: 'A', b: 'a', c: '\n' });
    expect(() => readEdn('{:a 1\n"a" 2}')).toThrowError('a map has the key a twice');
  });

  const value = (text: string) => readEdn(text)[0]!.value;

  test('becomes plain data', () => {
    const text = String.raw`{:a [1 -2.5 +3 4N], "b" (nil true false), :c #{x \a \newline}, 7 "q\"\n\u0041"}`;
    expect(value(text)).toEqual({
      a: [1, -2.5, 3, 4],
      b: [null, true, false],
      c: ['\n', 'a', 'x'],
      7: 'q"\nA',
    });
  });

  test('skips comments, discarded values and tags', () => {
    expect(value('; one\n#_ :gone #inst "2020" ; two')).toBe('2020');
    expect(value('#jepsen.history.Op{:f :read}')).toEqual({ f: 'read' });
    expect(value('^{:line 1} {:f ^:private :read}')).toEqual({ f: 'read' });
  });

  test('keeps all digits of large integers', () => {
    expect(value('12345678901234567890')).toBe('12345678901234567890');
  });

  test('is the same in a list and one after another, and knows its lines', () => {
    const values = [
      { value: { a: 1 }, line: 2 },
      { value: { a: 2 }, line: 4 },
    ];
    expect(readEdn('[\n{:a 1}\n\n{:a 2}]')).toEqual(values);
    expect(readEdn('\n{:a 1}\n\n{:a 2}\n')).toEqual(values);
  });

  test.each([
    ['{:a 1', '"{" is never closed', 1],
    ['{:a 1}\n{:a}', 'a map has a key without a value', 2],
    ['[1 2\n"x]', 'a string is never closed', 2],
    [']', '"]" closes nothing', 1],
    ['1x', '"1x" is no number', 1],
    [`${'['.repeat(300)}`, 'values lie more than 200 deep', 1],
  ])('refuses %j', (text, message, line) => {
    expect(() => readEdn(text)).toThrowError(
      expect.objectContaining({ code: 'malformed', message, place: { line } }),
    );
  });
});

describe('jepsen', () => {
  const edn = `
{:process 0, :type :invoke, :f :write, :value 3}
{:process 1, :type :invoke, :f :read,  :value nil}
{:process :nemesis, :type :info, :f :start, :value nil}
{:process 0, :type :ok,     :f :write, :value 3}
{:process 1, :type :info,   :f :read,  :value nil, :error :timed-out}
{:process 2, :type :invoke, :f :cas,   :value [3 4]}
{:process 2, :type :fail,   :f :cas,   :value [3 4]}
{:process 3, :type :invoke, :f :read,  :value nil} ; never returns
`;
  const operations = [
    '0 write(3) ok [0, 3]',
    '1 read(null) unknown [1, ]',
    '2 cas([3,4]) fail [5, 6]',
    '3 read(null) unknown [7, ]',
  ];

  test('EDN is read', () => {
    expect(read(edn, 'jepsen-edn')).toEqual(operations);
    const { history, lines, marks } = readHistory(edn, 'jepsen-edn');
    expect(marks).toEqual([{ at: 2, label: 'start' }]);
    expect(history[1]!.reason).toBe('timed-out');
    expect(lines).toEqual([2, 3, 7, 9]);
  });

  test('JSON is the same, in a list and line by line', () => {
    const json = edn
      .trim()
      .split('\n')
      .map((line) =>
        line
          .replace(/;.*/, '')
          .replace(/:(process|type|f|value|error)\b/g, '"$1":')
          .replace(/:([a-z-]+)/g, '"$1"')
          .replaceAll('nil', 'null')
          .replace('[3 4]', '[3, 4]'),
      );
    expect(read(json.join('\n'), 'jepsen-json')).toEqual(operations);
    expect(read(`[${json.join(',\n')}]`, 'jepsen-json')).toEqual(operations);
  });

  test('an impossible history is named', () => {
    const end = '{:process 0, :type :ok, :f :write, :value 3}';
    const call = '{:process 0, :type :invoke, :f :write, :value 3}';
    expect(readHistory(end, 'jepsen-edn').impossible).toEqual({
      message: 'write by process 0 ends without having been called',
      line: 1,
    });
    expect(readHistory(`${call}\n${call}`, 'jepsen-edn').impossible).toEqual({
      message: 'process 0 calls write while its previous call is open',
      line: 2,
    });
    expect(readHistory(`${call}\n${end}`, 'jepsen-edn').impossible).toBeUndefined();
  });

  test('a compare-and-set that ends with ok was successful, whatever its end repeats', () => {
    const cas = (input: string, end: string) =>
      read(
        `{:process 0 :type :invoke :f :cas :value ${input}}{:process 0 :type :ok :f :cas :value ${end}}`,
        'jepsen-edn',
      )[0];
    expect(cas('[nil 1]', '[nil 1]')).toBe('0 cas([null,1]) ok true [0, 1]');
    expect(cas('[nil 1]', 'nil')).toBe('0 cas([null,1]) ok true [0, 1]');
    expect(cas('[nil 1]', 'false')).toBe('0 cas([null,1]) ok false [0, 1]');
    expect(cas('[9 [nil 1]]', '[9 [nil 1]]')).toBe('0 cas([9,[null,1]]) ok true [0, 1]');
    expect(cas('[9 [nil 1]]', '[9 false]')).toBe('0 cas([9,[null,1]]) ok [9,false] [0, 1]');
  });

  test('an end that repeats the call is no answer, unless the operation asks', () => {
    const call = (f: string, value: string) =>
      read(
        `{:process 0 :type :invoke :f :${f} :value ${value}}{:process 0 :type :ok :f :${f} :value ${value}}`,
        'jepsen-edn',
      )[0];
    expect(call('append', '5')).toBe('0 append(5) ok [0, 1]');
    expect(call('add-and-get', '1')).toBe('0 add-and-get(1) ok 1 [0, 1]');
    expect(call('read', 'nil')).toBe('0 read(null) ok null [0, 1]');
    expect(call('read', '[1 nil]')).toBe('0 read([1,null]) ok [1,null] [0, 1]');
    expect(call('dequeue', 'nil')).toBe('0 dequeue(null) ok null [0, 1]');
  });

  test('what is done by others than the numbered clients, and lone info, are marks', () => {
    const text = `
{:process "nemesis-1" :type :info :f :kill}
{:process :checker :type :invoke :f :foo}
{:process 3 :type :info :f :log :value "x"}
{:process 0 :type :invoke :f :write :value 1}
{:process 0 :type :info :f :log}
{:process 0 :type :ok :f :write :value 1}`;
    expect(read(text, 'jepsen-edn')).toEqual(['0 write(1) ok [3, 5]']);
    const { marks, impossible } = readHistory(text, 'jepsen-edn');
    expect(impossible).toBeUndefined();
    expect(marks?.map(({ label }) => label)).toEqual(['kill', 'foo', 'log', 'log']);
    const named = '{:process "a" :type :invoke :f :write :value 1}';
    expect(read(named, 'jepsen-edn')).toEqual(['a write(1) unknown [0, ]']);
  });

  test('an end of another operation, or of another transaction, is impossible', () => {
    const fault = (text: string) => readHistory(text, 'jepsen-edn').impossible?.message;
    expect(
      fault(`{:process 0 :type :invoke :f :write :value 1}
{:process 0 :type :ok :f :read :value 7}`),
    ).toBe('process 0 calls write and ends read');
    expect(
      fault(`{:process 1 :type :invoke :f :txn :value [[:append :x 1] [:r :y nil]]}
{:process 1 :type :ok :f :txn :value [[:append :y 1] [:r :y [1]]]}`),
    ).toBe(
      'process 1 calls the transaction [["append","x",1],["r","y",null]] and ends [["append","y",1],["r","y",null]]',
    );
  });

  test('integers keep all their digits in JSON', () => {
    const text =
      '{"process":0,"type":"invoke","f":"write","value":9007199254740993,"note":"a \\"9007199254740993"}';
    expect(read(text, 'jepsen-json')).toEqual(['0 write("9007199254740993") unknown [0, ]']);
  });

  test.each([
    [
      '{:process 0, :type :maybe, :f :read}',
      'an event has the type "maybe"; the types are invoke, ok, fail and info',
    ],
    ['{:process 0, :f :read}', 'an event has no type; the types are invoke, ok, fail and info'],
    ['{:process 0, :type :ok}', 'an event has neither f nor a list of micro-operations'],
    ['[1 2]', 'an event is a map, not 1'],
    [
      '{:type :ok, :f :txn, :value [[:x 1 2]]}',
      'a transaction is a list of [:r key value], [:w key value], [:append key value] or [:rp predicate found], not [["x",1,2]]',
    ],
  ])('refuses %j', (text, message) => {
    expect(() => readHistory(text, 'jepsen-edn')).toThrowError(
      expect.objectContaining({ message, place: { line: 1 } }),
    );
  });
});

describe('elle', () => {
  test('transactions are paired by process', () => {
    const text = `
{:type :invoke, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 0}
{:type :invoke, :f :txn, :value [[:r :x nil]], :process 1}
{:type :ok, :f :txn, :value [[:r :x [1]]], :process 1}
{:type :info, :f :txn, :value [[:append :x 1] [:r :y nil]], :process 0}`;
    expect(read(text, 'elle-edn')).toEqual([
      '0 txn([["append","x",1],["r","y",null]]) unknown [0, ]',
      '1 txn([["r","x",null]]) ok [["r","x",[1]]] [1, 2]',
    ]);
  });

  test('without processes they are paired by what they do', () => {
    const text = `
{:index 2 :type :invoke, :value [[:append 255 8] [:r 253 nil]]}
{:index 3 :type :invoke, :value [[:r 255 nil]]}
{:index 4 :type :ok,     :value [[:r 255 [8]]]}
{:index 5 :type :ok,     :value [[:append 255 8] [:r 253 [1 3 4]]]}`;
    expect(read(text, 'elle-edn')).toEqual([
      'unnamed-0 txn([["append",255,8],["r",253,null]]) ok [["append",255,8],["r",253,[1,3,4]]] [0, 3]',
      'unnamed-1 txn([["r",255,null]]) ok [["r",255,[8]]] [1, 2]',
    ]);
  });

  test('a transaction without a name may be empty', () => {
    expect(read('{:type :ok, :value []}{:type :ok, :value [[:append :x 1]]}', 'elle-edn')).toEqual([
      'unnamed-0 txn([]) ok [] [-Infinity, 0]',
      'unnamed-1 txn([["append","x",1]]) ok [["append","x",1]] [-Infinity, 1]',
    ]);
  });

  test('completions alone are enough', () => {
    const text =
      '[{"type": "ok", "value": [["w", "x", 1]]}, {"type": "fail", "value": [["w", "x", 2]]}]';
    expect(read(text, 'elle-json')).toEqual([
      'unnamed-0 txn([["w","x",1]]) ok [["w","x",1]] [-Infinity, 0]',
      'unnamed-1 txn([["w","x",2]]) fail [-Infinity, 1]',
    ]);
    expect(readHistory(text, 'elle-json').impossible).toBeUndefined();
  });
});

test('the end of a transaction may lack its name, and its value', () => {
  const text = `
{:process 0 :type :invoke :value [[:append :x 1] [:r :x nil]]}
{:process 0 :type :ok :value nil}
{:process 1 :type :invoke :f :txn :value [[:append :x 2]]}
{:process 1 :type :info :f :txn :value :timed-out}
{:process 2 :type :invoke :f :txn :value [[:append :x 3]]}
{:process 2 :type :fail}`;
  expect(read(text, 'elle-edn')).toEqual([
    '0 txn([["append","x",1],["r","x",null]]) ok [0, 1]',
    '1 txn([["append","x",2]]) unknown [2, ]',
    '2 txn([["append","x",3]]) fail [4, 5]',
  ]);
  expect(readHistory(text, 'elle-edn').impossible).toBeUndefined();
});

describe('etcd', () => {
  const log = (...events: string[]) =>
    events.map((event) => `INFO  jepsen.util - ${event.replaceAll(' ', '\t')}`).join('\n');

  test('a failed compare-and-set is an observation, a read that timed out is none', () => {
    const text = log(
      '0 :invoke :cas [1 3]',
      '1 :invoke :read nil',
      ':nemesis :info :start nil',
      '0 :fail :cas [1 3]',
      '1 :fail :read :timed-out',
      '0 :invoke :write 4',
      '1 :invoke :cas [4 0]',
      '1 :ok :cas [4 0]',
      '0 :info :write :timed-out',
      '2 :invoke :read nil',
      '2 :ok :read nil',
    );
    expect(read(text, 'etcd')).toEqual([
      '0 cas([1,3]) ok false [0, 3]',
      '1 read(null) fail [1, 4]',
      '0 write(4) unknown [5, ]',
      '1 cas([4,0]) ok true [6, 7]',
      '2 read(null) ok null [9, 10]',
    ]);
  });

  test('lines that are no operations are skipped, and lines may end as on Windows', () => {
    const text = [
      'INFO  jepsen.core - Run complete, writing',
      log('0 :invoke :write 1'),
      'java.net.SocketTimeoutException: Read timed out',
      '\tat java.net.Foo',
      'INFO  jepsen.util - Everything looks good',
      `2014-05-01 12:00:00 ${log('0 :ok :write 1')}`,
    ].join('\r\n');
    expect(read(text, 'etcd')).toEqual(['0 write(1) ok [0, 1]']);
    expect(() => read(log('0 :invoke :cas 1'), 'etcd')).toThrowError('cas takes two values');
  });

  test('a write that is said to have failed with a time-out may still happen', () => {
    const text = log('0 :invoke :write 3', '0 :fail :write :timed-out');
    expect(read(text, 'etcd')).toEqual(['0 write(3) unknown [0, ]']);
  });
});

test('kv', () => {
  const text = `
{:process 0, :type :invoke, :f :put, :key "1", :value "a"}
{:process 1, :type :invoke, :f :get, :key "1", :value nil}
{:process 1, :type :ok, :f :get, :key "1", :value ""}
{:process 0, :type :ok, :f :put, :key "1", :value "a"}`;
  expect(read(text, 'kv')).toEqual([
    '0 put({"key":"1","value":"a"}) ok null [0, 3]',
    '1 get({"key":"1"}) ok "" [1, 2]',
  ]);
});

test('plume', () => {
  const text = 'w(1,5,0,0)\nr(2,0,0,0)\nw(1,9,0,-1)\nr(1,5,1,1)\nw(2,0,1,1)\n';
  expect(read(text, 'plume')).toEqual([
    '0 txn([["w",1,5],["r",2,null]]) ok [["w",1,5],["r",2,null]] [0, ]',
    '0 txn([["w",1,9]]) fail [1, ]',
    '1 txn([["r",1,null]]) ok [["r",1,5]] [2, ]',
  ]);
  expect(read('w(1,1,0,0)\nr(1,1,1,1)\nr(1,1,0,0)', 'plume')).toEqual([
    '0 txn([["w",1,1],["r",1,null]]) ok [["w",1,1],["r",1,1]] [0, ]',
    '1 txn([["r",1,null]]) ok [["r",1,1]] [1, ]',
  ]);
  expect(() => read('r(1,1,0)', 'plume')).toThrowError('not r(key,value,session,txn)');
});

test('awdit', () => {
  expect(read('w 1 1\nr 2 0\n-----\nr 1 1\n=====\nr 1 0\n', 'awdit')).toEqual([
    '0 txn([["w",1,1],["r",2,null]]) ok [["w",1,1],["r",2,0]] [0, ]',
    '0 txn([["r",1,null]]) ok [["r",1,1]] [1, ]',
    '1 txn([["r",1,null]]) ok [["r",1,0]] [2, ]',
  ]);
  expect(() => read('w 1\n', 'awdit')).toThrowError(
    expect.objectContaining({ place: { line: 1 } }),
  );
});

test('dbcop, as text and as JSON', () => {
  const expected = [
    '0 txn([["w","x",1],["r","y",null]]) ok [["w","x",1],["r","y",null]] [0, ]',
    '0 txn([["w","x",2]]) fail [1, ]',
    '1 txn([["r","x",null]]) ok [["r","x",1]] [2, ]',
  ];
  expect(read('// one\n[x:=1 y==?] [x:=2]!\n---\n[x==1]\n', 'dbcop')).toEqual(expected);
  const json = [
    [
      {
        events: [
          { Write: { variable: 'x', version: 1 } },
          { Read: { variable: 'y', version: null } },
        ],
        committed: true,
      },
      { events: [{ Write: { variable: 'x', version: 2 } }], committed: false },
    ],
    [{ events: [{ Read: { variable: 'x', version: 1 } }], committed: true }],
  ];
  expect(read(JSON.stringify(json), 'dbcop')).toEqual(expected);
  expect(read(JSON.stringify({ params: {}, data: json }), 'dbcop')).toEqual(expected);
  expect(() => read('[x:=?]', 'dbcop')).toThrowError('not variable:=version');
});

describe('dbcop', () => {
  test('version 0 is the initial one unless somebody writes it', () => {
    expect(read('[x==0 y==0] [y:=0]!', 'dbcop')[0]).toBe(
      '0 txn([["r","x",null],["r","y",null]]) ok [["r","x",null],["r","y",0]] [0, ]',
    );
  });

  test('variables may begin with a digit, and comments may end as on Windows', () => {
    expect(read('// one\r\n[0:=1 1==?]\r\n', 'dbcop')).toEqual([
      '0 txn([["w","0",1],["r","1",null]]) ok [["w","0",1],["r","1",null]] [0, ]',
    ]);
  });

  test('all forms of JSON are the same', () => {
    const expected = [
      '0 txn([["w",0,1],["r",1,null]]) ok [["w",0,1],["r",1,null]] [0, ]',
      '1 txn([["w",0,2]]) fail [1, ]',
    ];
    const compact = [
      [
        {
          events: [
            ['w', 0, 1],
            ['r', 1, null],
          ],
          committed: true,
        },
      ],
      [{ events: [['w', 0, 2]], committed: false }],
    ];
    const old = [
      [
        {
          events: [
            { write: true, variable: 0, value: 1, success: true },
            { write: false, variable: 1, value: 0, success: true },
          ],
          success: true,
        },
      ],
      [{ events: [{ write: true, variable: 0, value: 2, success: true }], success: false }],
    ];
    expect(read(JSON.stringify(compact), 'dbcop')).toEqual(expected);
    expect(read(JSON.stringify({ info: '', data: old }), 'dbcop')).toEqual(expected);
  });

  test('what a transaction read that did not commit is judged, and orders nothing', () => {
    expect(read('[x:=1 x==1 y==5 y==?]!', 'dbcop')).toEqual([
      '0 txn([["w","x",1],["r","x",null],["r","y",null],["r","y",null]]) fail [0, ]',
      '0 uncommitted 0 0 txn([["r","y",null]]) ok [["r","y",5]] [1, ]',
    ]);
  });
});

describe('jsonl', () => {
  const history: History = [
    { process: 'a', name: 'write', input: 3, outcome: 'ok', output: null, called: 0, returned: 4 },
    {
      process: 'b',
      name: 'read',
      input: null,
      outcome: 'ok',
      output: undefined,
      called: 1,
      returned: 3,
    },
    {
      process: 'b',
      name: 'put',
      input: { key: new Uint8Array([1, 2]) },
      outcome: 'unknown',
      output: undefined,
      reason: 'timed-out',
      called: 5,
      returned: Infinity,
    },
    {
      process: 'c',
      name: 'cas',
      input: [1, 2],
      outcome: 'fail',
      output: undefined,
      called: 6,
      returned: 8,
    },
  ];

  test('what is written is read again', () => {
    expect(readJsonl(writeJsonl(history)).history).toEqual(history);
  });

  test('names that begin with $ are no marks of ours', () => {
    const marks = { $bytes: 'AQI=', $unseen: true, $$: [{ $bytes: new Uint8Array([1]) }] };
    const [operation] = history;
    const marked = [{ ...operation!, input: marks, output: { $unseen: true } }];
    expect(readJsonl(writeJsonl(marked)).history).toEqual(marked);
  });

  test.each<[string, Partial<Record<keyof Operation, unknown>>, string]>([
    ['NaN', { input: NaN }, 'operation 0, write by a: input is NaN'],
    ['a function', { output: [() => 1] }, 'output[0] is a function'],
    ['a map', { input: { of: new Map() } }, 'input.of is a Map'],
    ['a large integer', { input: 1n }, 'input is a bigint'],
    ['a time that is none', { called: NaN }, 'called is NaN'],
  ])('%s is not written', (_, field, message) => {
    const wrong = [{ ...history[0]!, ...field } as Operation];
    expect(() => writeJsonl(wrong)).toThrowError(TypeError);
    expect(() => writeJsonl(wrong)).toThrowError(message);
  });

  test('an ok call that does not tell its return ends before the next of its process', () => {
    const text = (called: number[]) =>
      [
        '"a","name":"w"',
        '"b","name":"w"',
        '"a","name":"r"',
        '"a","name":"x","outcome":"unknown"',
        '"a","name":"r"',
      ]
        .map((rest, i) => `{"process":${rest},"called":${called[i]}}`)
        .join('\n');
    const { history, readings, impossible } = readHistory(text([0, 10, 20, 30, 40]), 'jsonl');
    expect(history.map(({ returned }) => returned)).toEqual([10, Infinity, 20, Infinity, Infinity]);
    expect(readings).toEqual([expect.stringContaining('before the next call of its process')]);
    expect(impossible).toBeUndefined();
    // A coarse clock says nothing about them.
    expect(readJsonl(text([5, 5, 5, 5, 5])).history[0]!.returned).toBe(5);
    expect(readJsonl(text([5, 6, 7, 8, 9]).split('\n')[0]!).readings).toBeUndefined();
  });

  test('times of more digits than a double has are told from the first one on', () => {
    const line = (process: string, called: string, returned: string) =>
      `{"process":"${process}","name":"w","called":${called},"returned":${returned}}\n`;
    const { history, readings } = readJsonl(
      line('b', '1700000000000000003', '1700000000000000004') +
        line('a', '1700000000000000001', '1700000000000000002'),
    );
    expect(history.map(({ called, returned }) => [called, returned])).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(readings).toEqual(['times are told from 1700000000000000001 on']);
  });

  test.each([
    ['1.7000000000000001e18', 'called is 1700000000000000000, which has lost its last digits'],
    ['1', '1700000000000000009 is more than 2^53 after 1, the earliest time'],
    ['1.5', '1.5 stands among times of more than 16 digits'],
  ])('a time that would not be exact is refused: %s', (called, message) => {
    const text = `\n{"process":1,"name":"w","called":${called},"returned":1700000000000000009}`;
    expect(() => readJsonl(text)).toThrowError(
      expect.objectContaining({ message: expect.stringContaining(message), place: { line: 2 } }),
    );
  });

  test('what is usual is left out', () => {
    expect(writeJsonl(history).split('\n')[0]).toBe(
      '{"process":"a","name":"write","input":3,"returned":4}',
    );
  });

  test.each([
    ['{"process":"a","name":"w","called":5,"returned":3}', 'w by a returns before it is called'],
    [
      '{"process":"a","name":"w","called":1,"returned":3}\n{"process":"a","name":"r","called":2,"returned":4}',
      'a calls r while its previous call is open',
    ],
  ])('an impossible history is named: %j', (text, message) => {
    expect(readJsonl(text).impossible?.message).toBe(message);
  });

  test('a transaction that ends with other writes than it was called with is impossible', () => {
    const message = (input: string, output: string) =>
      readJsonl(`{"process":0,"name":"txn","input":${input},"output":${output}}`).impossible
        ?.message;
    expect(message('[["w","x",1]]', '[["w","x",2]]')).toBe(
      '0 calls a transaction that writes [["w","x",1]] and ends one that writes [["w","x",2]]',
    );
    expect(message('[["w","x",1]]', '[["write","x",1],["r","y",7]]')).toBeUndefined();
    expect(message('null', '[["w","x",2]]')).toBeUndefined();
  });

  test('a transaction without an output is one whose reads nobody saw', () => {
    const txn = (rest: string) => `{"process":0,"name":"txn",${rest}}`;
    const { history } = readJsonl(txn('"input":[["w","x",1],["r","y",null]]'));
    expect(history[0]!.output).toBeUndefined();
    expect(isolation(history, 'ser').verdict).toBe('valid');
    expect(() => readJsonl(txn('"input":[["r","x",1]]'))).toThrowError(
      'what a txn has read stands in its output, which is missing: [["r","x",1]]',
    );
    const failed = readJsonl(txn('"outcome":"fail","output":[["w","x",1]]')).history;
    expect(() => isolation(failed, 'ser')).toThrowError(
      'output, any other as input; here is neither',
    );
  });

  test('values that lie too deep are refused with their line', () => {
    const deep = `\n{"process":0,"name":"w","input":${'['.repeat(20_000)}`;
    expect(() => readJsonl(deep)).toThrowError(
      expect.objectContaining({ message: 'values lie more than 200 deep', place: { line: 2 } }),
    );
  });

  test('a process may be a number', () => {
    expect(readJsonl('{"process":1,"name":"w"}').history[0]!.process).toBe('1');
  });

  test.each([
    ['{"process":"a"}', 'name is missing'],
    ['{"process":"a","name":3}', 'name is a text, not 3'],
    ['{"name":"w"}', 'process is missing'],
    ['{"process":["a"],"name":"w"}', 'process is a text, not ["a"]'],
    ['{"process":"a","name":"w","called":"1"}', 'called is a number, not "1"'],
    [
      '{"process":"a","name":"w","ouput":1}',
      `an operation has no field "ouput"; did you mean 'output'?`,
    ],
    ['{"process":"a","name":"w","outcome":"done"}', 'outcome is ok, fail or unknown, not "done"'],
    [
      '{"process":"a","name":"w","value":1}',
      'an operation has no field "value", only process, name, input, outcome, output, reason, called, returned',
    ],
    ['{"process":"a","name":"w"', 'a value is never closed'],
    ['{"process":"a","name":"w}', 'a string is never closed'],
    ['3', 'an operation is a map, not 3'],
  ])('refuses %j', (text, message) => {
    expect(() => readJsonl(text)).toThrowError(expect.objectContaining({ message }));
  });
});

test.each([
  ['jsonl', `${'\n'.repeat(1 << 17)}{"process":"a","name":"write"}`],
  ['jsonl', '{"process":"a","name":"write","input":3}'],
  ['etcd', 'INFO  jepsen.util - 0\t:invoke\t:read\tnil'],
  ['kv', '{:process 0, :type :invoke, :f :get, :key "0", :value nil}'],
  ['jepsen-edn', '; a comment\n[{:process 0, :type :invoke, :f :read, :value nil}]'],
  ['jepsen-edn', '({:process 0 :type :invoke :f :add :value [0 0]})'],
  ['jepsen-json', '[\n {"type": "invoke", "f": "read", "process": 0, "value": null}]'],
  ['elle-edn', '{:index 2 :type :invoke, :value [[:append 255 8] [:r 253 nil]]}'],
  ['elle-json', '[{"type":"ok","f":"txn","value":[["r","x",null]]}]'],
  ['plume', 'r(1,2,3,4)\n'],
  ['awdit', 'w 1 1\n---\n'],
  ['awdit', '-----\nw 1 1\n'],
  ['etcd', 'java.lang.Exception\n2014-05-01 INFO  jepsen.util - 0\t:invoke\t:read\tnil'],
  ['dbcop', '[x:=1 y:=2]\n---\n'],
  ['dbcop', '[0:=1 1==?]\n'],
  ['dbcop', '---\n[x:=1]\n'],
  ['dbcop', '[[{"events":[["w",0,1]],"committed":true}]]'],
  ['dbcop', '{"params":{"id":0},"data":[[{"events":[],"committed":true}]]}'],
] as const)('%s is recognised from %j', (format, text) => {
  expect(formatOf(text)).toBe(format);
});

test('an unknown format is not guessed at', () => {
  expect(() => formatOf('hello')).toThrowError('no format that is known begins with "hello"');
  expect(() => formatOf(' \n')).toThrowError('the file is empty');
});
