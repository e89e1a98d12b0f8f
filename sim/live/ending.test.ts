import { expect, test } from 'vitest';
import { type Circumstances, type Ending, type Exit, endingOf } from './ending.ts';

const status = (status: number): Exit => ({ by: 'status', status });
const signal = (signal: NodeJS.Signals): Exit => ({ by: 'signal', signal });
const exit = (code: number) => ({ is: 'exit', code, atNs: 0 }) as const;
const CRASH = { is: 'crash', reason: 'why', atNs: 0 } as const;
const broken = (property: string, message: string): Ending => ({
  is: 'broken',
  finding: { property, message },
});

test.each<[string, Exit, Partial<Circumstances>, Ending]>([
  ['status 0', status(0), {}, { is: 'finished' }],
  ['status 0, asked to stop', status(0), { asked: true }, { is: 'stopped' }],
  ['status 1', status(1), {}, broken('exit code', 'exited with code 1')],
  ['status 1, asked', status(1), { asked: true }, broken('exit code', 'exited with code 1')],
  ['code 256', status(0), { said: exit(256) }, broken('exit code', 'exited with code 256')],
  ['SIGKILL of unknown origin', signal('SIGKILL'), {}, broken('signal', 'ended by SIGKILL')],
  ['SIGSEGV', signal('SIGSEGV'), {}, broken('signal', 'ended by SIGSEGV')],
  ['SIGKILL after a crash', signal('SIGKILL'), { said: CRASH }, { is: 'crashed', reason: 'why' }],
  [
    'SIGSEGV after a crash was said',
    signal('SIGSEGV'),
    { said: CRASH },
    broken('signal', 'ended by SIGSEGV'),
  ],
  [
    'SIGINT before it began',
    signal('SIGINT'),
    { interruptedAtStart: true },
    { is: 'crashed', reason: 'interrupted before it began' },
  ],
  ['SIGINT', signal('SIGINT'), {}, broken('signal', 'ended by SIGINT')],
  [
    'SIGSEGV before it began',
    signal('SIGSEGV'),
    { interruptedAtStart: true },
    broken('signal', 'ended by SIGSEGV'),
  ],
  ['SIGTERM, asked', signal('SIGTERM'), { asked: true }, { is: 'stopped' }],
  ['SIGKILL, asked', signal('SIGKILL'), { asked: true }, { is: 'forced' }],
  ['no start', { by: 'error', error: new Error('EAGAIN') }, {}, { is: 'absent', reason: 'EAGAIN' }],
])('%s', (_, how, circumstances, ending) => {
  const usual = { asked: false, interruptedAtStart: false, said: undefined };
  expect(endingOf(how, { ...usual, ...circumstances })).toEqual(ending);
});
