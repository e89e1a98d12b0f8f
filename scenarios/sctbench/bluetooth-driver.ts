import { cell, mutex, plain, type ThreadsProgram } from '../../sim/threads/index.ts';
import { created } from './created.ts';
import { holds, type Variant } from './variant.ts';

/** A driver is stopped between the test whether it is and the note that it is in use. */
export function bluetoothDriver(variant: Variant): ThreadsProgram<unknown> {
  const setup = () => ({
    g: mutex(),
    pendingIo: plain(1),
    stoppingFlag: cell(0),
    stoppingEvent: cell(0),
    stopped: cell(0),
  });
  type State = ReturnType<typeof setup>;
  function* release({ g, pendingIo, stoppingEvent }: State) {
    yield g.lock();
    const pending = (yield* pendingIo.read()) - 1;
    yield pendingIo.write(pending);
    yield g.unlock();
    if (pending === 0) yield stoppingEvent.store(1);
  }
  function* acquire({ g, pendingIo, stoppingFlag }: State) {
    const early = variant === 'bug' && (yield* stoppingFlag.load()) === 1;
    if (early) return false;
    yield g.lock();
    const late = variant === 'control' && (yield* stoppingFlag.load()) === 1;
    if (!late) yield pendingIo.write((yield* pendingIo.read()) + 1);
    yield g.unlock();
    return !late;
  }
  return created({
    name: 'bluetooth_driver',
    setup,
    threads: {
      *stop(state) {
        yield state.stoppingFlag.store(1);
        yield* release(state);
        if ((yield* state.stoppingEvent.load()) === 1) yield state.stopped.store(1);
      },
    },
    *main(state) {
      if (yield* acquire(state)) {
        holds((yield* state.stopped.load()) === 0, 'a driver in use is not stopped');
      }
      yield* release(state);
    },
  });
}
