import { mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

const X = 1;
const Y = 2;
const Z = 4;

/** The check expects the withdrawal of what the deposit had no part in; it runs last by luck only. */
export function account(variant: Variant): ThreadsProgram<unknown> {
  const expected = variant === 'bug' ? X - Y - Z : X + Y - Z;
  return created({
    name: 'account',
    setup: () => ({
      m: mutex(),
      balance: plain(X),
      deposited: plain(false),
      withdrawn: plain(false),
    }),
    threads: {
      *check({ m, balance, deposited, withdrawn }) {
        yield m.lock();
        if ((yield* deposited.read()) && (yield* withdrawn.read())) {
          holds((yield* balance.read()) === expected, 'the balance is as expected');
        }
        yield m.unlock();
      },
      *deposit({ m, balance, deposited }) {
        yield m.lock();
        yield balance.write((yield* balance.read()) + Y);
        yield deposited.write(true);
        yield m.unlock();
      },
      *withdraw({ m, balance, withdrawn }) {
        yield m.lock();
        yield balance.write((yield* balance.read()) - Z);
        yield withdrawn.write(true);
        yield m.unlock();
      },
    },
  });
}
