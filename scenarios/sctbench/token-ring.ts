import { condition, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** Three threads hand a number round, in an order that nothing holds them to. */
export function tokenRing(variant: Variant): ThreadsProgram<unknown> {
  const inTurn = variant === 'control';
  const setup = () => ({
    g: mutex(),
    turn: condition(),
    x: [plain(1), plain(2), plain(1)] as const,
    done: [plain(false), plain(false), plain(false)] as const,
  });
  type State = ReturnType<typeof setup>;
  function* pass({ g, turn, x, done }: State, to: 0 | 1 | 2) {
    const from = ((to + 2) % 3) as 0 | 1 | 2;
    yield g.lock();
    while (inTurn && to > 0 && !(yield* done[from].read())) yield turn.wait(g);
    const token = yield* x[from].read();
    yield x[to].write(to === 0 ? (token + 1) % 4 : token);
    yield done[to].write(true);
    if (inTurn) yield turn.broadcast();
    yield g.unlock();
  }
  return created({
    name: 'token_ring',
    setup,
    threads: {
      t1: (state) => pass(state, 0),
      t2: (state) => pass(state, 1),
      t3: (state) => pass(state, 2),
      *t4({ g, x, done }) {
        yield g.lock();
        let all = true;
        for (const each of done) all &&= yield* each.read();
        if (all) {
          const [a, b, c] = [yield* x[0].read(), yield* x[1].read(), yield* x[2].read()];
          holds(a === b && b === c, 'the token went round');
        }
        yield g.unlock();
      },
    },
  });
}
