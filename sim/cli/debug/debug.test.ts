import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { OVERDRAWN } from '../../node/fixtures/overdrawn.ts';
import { tree } from '../../node/fixtures/tree.ts';
import { groundhog, type Started, start } from '../fixtures/command.ts';
import { DevTools } from './fixtures/devtools.ts';

/** The first one that fails. */
const SEED = '6';

async function session(folder: string, args: readonly string[], ...lines: string[]) {
  const input = lines.map((line) => `${line}\n`).join('');
  const { code, stdout, stderr } = await groundhog(['debug', ...args], { cwd: folder, input });
  const [head, ...answers] = stdout.split(/^(?:branch \d+, )?\d+\/\d+> .*\n/m);
  return { code, head, answers, stderr };
}

test('piped commands are carried out one after another, and shown', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  const replayed = await groundhog(['replay', 'race.mjs', '--seed', SEED, '--json'], {
    cwd: folder,
  });
  const [{ digest, steps }] = JSON.parse(replayed.stdout).failures;
  const { code, head, answers } = await session(
    folder,
    ['race.mjs', '--seed', SEED],
    'state',
    '# a remark, and an empty line',
    '',
    'goto start',
    'until balance < 100',
    'eval balance',
    'back-until /starts/',
    'goto end',
    'goto 0.1ms',
    'step main',
    'quit',
    'eval balance',
  );
  expect(code).toBe(0);
  expect(head).toBe(
    `race.mjs: seed ${SEED} violated after ${steps} steps, virtual 0.0 s, digest ${digest}\n` +
      `  step ${steps}: uncaught Error (main): overdrawn: -40\n`,
  );
  expect(answers[0]).toBe('main  ended\n  variables\n    balance = -40\n');
  expect(answers[4]).toMatch(
    /^step \d+ {2}[\d.]+ ms {2}main {2}timer {2}made by step \d+\n {2}main fires/,
  );
  expect(answers[5]).toBe('30\n');
  expect(answers[6]).toMatch(/^step 2 .*\n {2}main starts\n$/);
  expect(answers.at(-1)).toBe('');
});

test('a mistake is one line, and the session goes on', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  const mistakes: readonly (readonly [string, string])[] = [
    ['bakc', "there is no command 'bakc'; did you mean 'back'?"],
    ['goto 99', 'there is no step 99: the run has steps 1 to 9'],
    ['goto', 'it is written: goto STEP'],
    ['step 99', 'there are not so many steps after step 9 of 9'],
    ['back mian', "nobody is named 'mian'; did you mean 'main'?"],
    ['state mian', "no node is named 'mian'; did you mean 'main'?"],
    ['until balance = 3', "'balance = 3' assigns; a condition compares, with == or ==="],
    ['until balance <', "cannot read 'balance <': Unexpected "],
    ['until /(/', 'Invalid regular expression'],
    ['eval', 'it is written: eval [NODE] EXPRESSION'],
    ['eval balance +', "cannot read 'balance +': Unexpected "],
    ['eval nope', 'throws ReferenceError: nope is not defined'],
    ['eval throw { get message() { throw 1 } }', 'throws an error whose name or message throws'],
    ['eval throw new Proxy({}, { getPrototypeOf() { throw 1 } })', 'throws {}'],
    ['when balance', 'it is written: when [NODE] EXPRESSION changed'],
    ['diff', 'it is written: diff SEED'],
    ['diff 1e3', '--seed 1e3 looks like a number'],
    ['why 0', 'there is no step 0'],
    ['why -1', 'it is written: why [STEP]'],
    ['branch 7', 'there is no branch 7; there is only 0, the run as it was'],
    ['modify balance = 3', 'after step 9 the run is over: go back first'],
    ['modify fault {"kind":', 'a fault is JSON'],
    ['modify fault {}', "that is no fault: 'kind' is missing: split, "],
    ['modify fault {"kind":"cut"}', 'that is no fault: kind is one of split, '],
    [
      'modify fault {"kind":"crash","node":"mian","forMs":1}',
      "no node is named 'mian'; did you mean",
    ],
  ];
  const lines = mistakes.map(([line]) => line);
  const { code, answers, stderr } = await session(folder, ['race.mjs', '--seed', SEED], ...lines);
  expect(stderr).toBe('');
  for (const [i, [line, said]] of mistakes.entries()) {
    expect(`${line}: ${answers[i]}`).toContain(said);
    expect(answers[i]!.trimEnd()).not.toContain('\n');
  }
  expect(code).toBe(2);
});

test('a condition is refused that draws where the program draws nothing', async () => {
  const folder = tree({
    'lease.sim.ts': `import { scenario } from 'groundhog';
export const lease = scenario({ name: 'lease', roles: { server: { program: './lease.mjs' } } });
`,
    'lease.mjs': 'export default async (env) => { await env.timers.sleep(5); };',
  });
  const draws = 'until env.random.integer("mine", { min: 0, max: 1 }) === 0';
  const { answers } = await session(folder, ['lease', '--seed', '1'], 'goto start', draws);
  expect(answers[1]).toContain('asking this changes the run');
});

test('a state shows what a node does, and of what the world has given to it a short name', async () => {
  const folder = tree({
    'shop.sim.ts': `import { scenario } from 'groundhog';
export const shop = scenario({
  name: 'shop',
  roles: { server: { program: './shop.mjs#server' }, worker: { program: './shop.mjs#worker' } },
});
`,
    'shop.mjs': `export async function server(env) {
  const file = await env.disk.open('log', 'create');
  const held = new Map([['file', { file, size: 3 }]]);
  await env.net.serve('ping', async () => held.size);
}
export async function worker(env) {
  for (let i = 0; i < 3; i++) await env.timers.sleep(20);
}
`,
  });
  const at = ['until /serves|fires/', 'until /fires/', 'state', 'eval server-1 env'];
  const { answers } = await session(folder, ['shop', '--seed', '1'], 'goto start', ...at);
  expect(answers[3]).toBe(`server-1  server, serving
  variables
    file = OpenFile { path: 'log' }
    held = Map(1) { 'file' => { file: OpenFile { path: 'log' }, size: 3 } }
worker-1  worker, running
  no variables outside of loops and blocks: inspect shows those
`);
  expect(answers[4]).toBe("SimEnv { name: 'server-1', role: 'server' }\n");
});

test('a story is travelled in too, and when the code is mended it says that it no longer fails', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  await groundhog(['shrink', 'race.mjs', '--seed', SEED, '-o', 'a.story.json'], { cwd: folder });
  const story = await session(folder, ['a.story.json'], 'eval balance', 'back', 'eval balance');
  expect(story.code).toBe(0);
  expect(story.head).toContain('uncaught Error (main): overdrawn: -40');
  expect(story.answers.filter((_, i) => i !== 1)).toEqual(['-40\n', '30\n']);
  writeFileSync(join(folder, 'race.mjs'), OVERDRAWN.replace('balance = 100', 'balance = 1000'));
  const mended = await session(folder, ['a.story.json'], 'eval balance');
  expect(mended.head).toContain('it no longer fails; recorded was: uncaught Error: overdrawn: -40');
  expect(mended).toMatchObject({ code: 0, answers: ['860\n'] });
});

test('a recorded run is travelled in too', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  await groundhog(['run', 'race.mjs', '--seed', SEED, '--no-shrink'], { cwd: folder });
  const recorded = await session(folder, [`.groundhog/runs/race.mjs-${SEED}.ghr`], 'eval balance');
  expect(recorded).toEqual(await session(folder, ['race.mjs', '--seed', SEED], 'eval balance'));
  expect(recorded.answers).toEqual(['-40\n']);
});

test('what cannot be opened is one line and exit code 2', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  for (const [args, said] of [
    [['race.mjs'], 'say which run: groundhog debug race.mjs --seed S'],
    [['nope.mjs', '--seed', '1'], 'there is no file nope.mjs'],
    [['a.story.json'], 'there is no file a.story.json'],
    [['race.mjs', '--seed', '1', '--listen', '99999'], 'A port is a number from 0 to 65535'],
  ] as const) {
    const { code, stderr } = await groundhog(['debug', ...args], { cwd: folder });
    expect(stderr).toContain(said);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect(code).toBe(2);
  }
});

const TRANSFERS = `import { mutex, threads } from 'groundhog/threads';
export default threads({
  name: 'transfers',
  setup: () => ({ mine: mutex(), yours: mutex() }),
  threads: {
    *give({ mine, yours }) {
      yield mine.lock();
      yield yours.lock();
      yield yours.unlock();
      yield mine.unlock();
    },
    *take({ mine, yours }) {
      yield yours.lock();
      yield mine.lock();
      yield mine.unlock();
      yield yours.unlock();
    },
  },
});
`;

test('a program of threads is travelled in, from its seed and from its story', async () => {
  const folder = tree({ 'transfers.sim.ts': TRANSFERS });
  const ran = await groundhog(['run', 'transfers', '--seeds', '50', '--json'], { cwd: folder });
  const [{ seed }] = JSON.parse(ran.stdout).failures;
  const shrunk = ['shrink', 'transfers', '--seed', seed, '-o', 'a.story.json'];
  await groundhog(shrunk, { cwd: folder });
  for (const args of [['transfers', '--seed', seed], ['a.story.json']]) {
    const { code, head, answers, stderr } = await session(
      folder,
      args,
      'state',
      'goto start',
      'state give',
      'until /yours.lock/',
      'why',
      'modify fault {"kind":"crash","node":"give","forMs":1}',
      'goto 5ms',
      'state nobody',
      'redraw 7',
      'branch',
    );
    expect(stderr).toBe('');
    expect(head).toMatch(
      /^transfers: seed \d+ violated after 2 steps.*\n {2}step 2: deadlock \(give, take\): /,
    );
    expect(answers.slice(0, 3)).toEqual([
      '  shared\n    mine = held by give\n    yours = held by take\n' +
        '  threads\n    give waits for yours, which take holds\n    take waits for mine, which give holds\n',
      'step 0  program  world.begin\n',
      expect.stringMatching(
        /^ {2}threads\n {4}give comes to mine\.lock\(\), at give \(transfers\.sim\.ts:7:\d+\)\n$/,
      ),
    ]);
    expect(answers[3]).toMatch(/^step [12] {2}take {2}lock\n {2}take: yours\.lock\(\), at take /);
    expect(answers[5]).toContain("no node is named 'give'");
    expect(answers[6]).toContain('no time passes among threads');
    expect(answers[7]).toContain("nothing is named 'nobody'; there are: mine, yours, give, take");
    expect(answers.at(-1)).toContain('branch 0: violated');
    expect(code).toBe(2);
  }
});

test('other draws from a step on are a branch, over the socket too', async () => {
  const { started, where } = await listening(['transfers', '--seed', '1'], {
    'transfers.sim.ts': TRANSFERS,
  });
  const editor = await client(where);
  const hello = await editor.ask({ token: where.token });
  expect(hello).toMatchObject({ subject: 'transfers', nodes: [] });
  await editor.ask({ id: 1, command: 'goto start' });
  for (const seed of ['a', 'b']) {
    const drawn = await editor.ask({ id: 2, command: `redraw ${seed}` });
    expect(drawn).toMatchObject({
      step: 0,
      answer: { is: 'branches', branches: [{ changes: [], redrawn: [{ step: 0, seed }] }] },
      text: expect.stringContaining(`after step 0: other draws, of seed ${seed}`),
    });
  }
  expect(await editor.ask({ id: 3, command: 'state mine' })).toMatchObject({
    answer: { is: 'threads', shared: [{ name: 'mine', text: 'free' }], threads: [] },
  });
  await editor.ask({ id: 4, command: 'quit' });
  expect(await started.ended).toMatchObject({ code: 0 });
});

/** A client of the socket. */
async function client({ port, host }: { port: number; host: string }) {
  const socket = connect(port, host);
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const hear = async () => {
    // A connection that the other side has dropped ends, or fails.
    const { value, done } = await lines.next().catch(() => ({ value: '', done: true }));
    return done ? undefined : JSON.parse(value);
  };
  const say = (text: string): void => void socket.write(`${text}\n`);
  const ask = (message: object) => {
    say(JSON.stringify(message));
    return hear();
  };
  return { say, ask, hear };
}

async function listening(
  args: readonly string[],
  files: { readonly [path: string]: string } = { 'race.mjs': OVERDRAWN },
) {
  const started: Started = start(['debug', ...args, '--listen'], { cwd: tree(files) });
  onTestFinished(() => started.kill());
  return { started, where: JSON.parse((await started.says(/^(\{.*\})$/m))[1]!) };
}

test('an editor asks the same over a local socket, with the token', async () => {
  const { started, where } = await listening(['race.mjs', '--seed', SEED]);
  expect(where).toMatchObject({ protocol: 1, host: '127.0.0.1' });
  const a = await client(where);
  const hello = await a.ask({ token: where.token });
  expect(hello).toMatchObject({ subject: 'race.mjs', step: 9, steps: 9, nodes: ['main'] });
  expect(await a.ask({ id: 1, command: 'back' })).toMatchObject({
    id: 1,
    step: 8,
    branch: 0,
    answer: { is: 'place', place: { step: 8, actor: 'main' } },
  });
  expect(await a.ask({ id: 'b', command: 'eval balance' })).toMatchObject({
    id: 'b',
    answer: { is: 'value', value: { is: 'value', text: '30' } },
    text: '30',
  });
  expect(await a.ask({ id: 2, command: 'bakc' })).toEqual({
    id: 2,
    error: "there is no command 'bakc'; did you mean 'back'?",
  });
  expect(await a.ask({ id: 3 })).toEqual({ id: 3, error: 'which command?' });
  a.say('nonsense');
  expect(await a.hear()).toHaveProperty('error');
  const b = await client(where);
  await b.ask({ token: where.token });
  expect(await b.ask({ id: 1, command: 'where' })).toMatchObject({ step: 8 });
  expect(await b.ask({ id: 2, command: 'quit' })).toMatchObject({ answer: { is: 'bye' } });
  expect(await started.ended).toMatchObject({ code: 0 });
});

test('who does not know the token is not heard, as a web page that posts to a local port', async () => {
  const { where } = await listening(['race.mjs', '--seed', SEED]);
  for (const first of [
    'POST / HTTP/1.1',
    '{"id":1,"command":"modify main balance = 1"}',
    `{"token":"${'0'.repeat(32)}"}`,
    '{"token":7}',
    'x'.repeat(1_100_000),
  ]) {
    const { say, hear } = await client(where);
    say(first);
    say('{"id":1,"command":"where"}');
    expect(await hear()).toBeUndefined();
  }
  const { ask } = await client(where);
  expect(await ask({ token: where.token })).toHaveProperty('steps', 9);
});

test('a client gives up a command that takes long', async () => {
  const slow = 'for (let i = 0; i < 1e6; i++) await new Promise((done) => setTimeout(done, 1));';
  const { where } = await listening(['slow.mjs', '--seed', '1'], { 'slow.mjs': slow });
  const { ask, say, hear } = await client(where);
  await ask({ token: where.token });
  // In one message, or it may be heard only when the command is under way.
  const lines = [{ id: 1, command: 'until false' }, { cancel: true }, { id: 2, command: 'where' }];
  say(lines.map((line) => JSON.stringify(line)).join('\n'));
  expect(await hear()).toEqual({ id: 1, error: 'stopped' });
  expect(await hear()).toMatchObject({ id: 2, answer: { is: 'place' } });
});

test('inspect stops a debugger in the frame of the program, and goes on when that resumes', async () => {
  const input = 'goto 1\nuntil balance < 100\ninspect 0\neval balance\n';
  const started = start(['debug', 'race.mjs', '--seed', SEED], {
    cwd: tree({ 'race.mjs': OVERDRAWN }),
    input,
  });
  onTestFinished(() => started.kill());
  const [, url] = await started.says(/waiting at (ws:\S+):/);
  const [, where] = await started.says(/stopped in (.*);/);
  expect(where).toMatch(/^withdraw \(.*race\.mjs:5\)$/);
  const tools = await DevTools.attach(url!);
  await tools.ask('Debugger.enable');
  const { params } = await tools.event('Debugger.paused');
  const [frame] = params!.callFrames;
  expect(frame).toMatchObject({ functionName: 'withdraw' });
  const { callFrameId } = frame!;
  const expression = 'amount + " of " + balance';
  const asked = await tools.ask('Debugger.evaluateOnCallFrame', { callFrameId, expression });
  expect(asked.result?.result).toMatchObject({ value: '70 of 100' });
  await tools.ask('Debugger.resume');
  const { code, stdout } = await started.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/> eval balance\n30\n$/);
});

test('inspect says when there is nothing to stop in', async () => {
  const folder = tree({ 'race.mjs': OVERDRAWN });
  const lines = ['goto 1', 'inspect', 'inspect x', 'inspect 70000', 'goto 6', 'inspect 0'];
  const { answers, code } = await session(folder, ['race.mjs', '--seed', SEED], ...lines);
  expect(answers.at(-1)).toContain(
    'step 6, loop.turn, runs nothing of the program, so nothing was',
  );
  expect(answers.slice(1, 4)).toEqual([
    'step 1 runs nothing of the program\n',
    'it is written: inspect [PORT]\n',
    'it is written: inspect [PORT]\n',
  ]);
  expect(code).toBe(2);
});
