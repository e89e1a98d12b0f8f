/** Why a module has no such export: perhaps its top level throws, which is the better answer. */
import { LoadError } from '../node/loader/load-error.ts';
import { placeOfFrame } from '../node/loader/load-module.ts';
import { moduleSource } from '../node/program-source.ts';
import { framesOf } from '../trace/told.ts';
import { runOne } from './runner.ts';
import { WorldSubject } from './world-run.ts';

/** Virtual ms that a module may await at its top level. */
const LOADING_MS = 60_000;

/**
 * What `make` makes. Where it fails because a program is not exported, that module is run, as a world
 * runs it: what its top level throws is the reason, with its line.
 *
 * @throws LoadError, and whatever else `make` throws
 */
export async function withReason<Made>(
  make: () => Made,
  provided: ReadonlyMap<string, object>,
): Promise<Made> {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof LoadError) || error.code !== 'ERR_NO_EXPORT') throw error;
    throw (await thrownWhileLoading(error.place.file, provided)) ?? error;
  }
}

async function thrownWhileLoading(
  file: string,
  provided: ReadonlyMap<string, object>,
): Promise<LoadError | undefined> {
  const program = moduleSource(file, provided);
  const module = new WorldSubject({
    name: file,
    faults: 'none',
    timeline: [],
    forMs: LOADING_MS,
    livenessMs: LOADING_MS,
    populate(world) {
      world.addNode({ name: 'module', role: 'module', index: 1, args: null, program });
    },
  });
  const { result } = await runOne(module, { seed: '1', strategy: 'random' });
  const { failure } = result;
  const [, name] = /^uncaught (.+)/.exec(failure?.property ?? '') ?? [];
  // What it cannot load in its turn names its own place, and an escape is no error of loading.
  if (failure === undefined || name === undefined || name === 'LoadError') return undefined;
  const place = placeOfFrame(framesOf(failure).join('\n')) ?? { file };
  const [line] = failure.message.split('\n', 1);
  return new LoadError('ERR_MODULE_THREW', place, `${name}: ${line}`);
}
