import type { Plain } from '../../env/net.ts';
import { isList, type Key, keyOf, print, samePlain } from '../plain.ts';
import type { Call, Model, Step } from './model.ts';
import type { RegisterOptions } from './register.ts';

/** The value of each register that was written. */
type Registers = ReadonlyMap<Key, Plain>;

/** `['r', key, value]` or `['w', key, value]`; a read's value is null in an input. */
type MicroOperation = readonly [kind: string, key: Plain, value: Plain];

/**
 * Many registers, of which one operation reads and writes several in one instant.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `txn` | a list of `['r', key, null]` and `['w', key, value]` | the same with the values read |
 *
 * `read` and `write` may stand for `r` and `w`.
 */
export function multiRegister(options: RegisterOptions = {}): Model<Registers> {
  const { initial = null } = options;
  return {
    name: 'multi-register',
    initial: new Map(),
    operations: ['txn'],
    step: (registers, call) => stepTxn(registers, call, initial),
    identity: words,
    describe: (registers) => `{${words(registers)}}`,
    readOnly: ({ input }) => (input as readonly MicroOperation[]).every(([kind]) => isRead(kind)),
    objects: ({ input }) => (input as readonly MicroOperation[]).map(([, key]) => key),
    fault,
  };
}

function stepTxn(registers: Registers, { input, output }: Call, initial: Plain): Step<Registers> {
  const asked = (output ?? input) as readonly MicroOperation[];
  const seen: Plain[] = [];
  let state = registers;
  for (const [kind, key, value] of asked) {
    const id = keyOf(key);
    const current = state.has(id) ? state.get(id)! : initial;
    if (!isRead(kind)) state = new Map(state).set(id, value);
    else if (output !== undefined && !samePlain(current, value)) {
      return { refused: `${print(key)} is ${print(current)}, not ${print(value)}` };
    }
    seen.push([kind, key, isRead(kind) ? current : value]);
  }
  return { state, output: seen };
}

function isRead(kind: string): boolean {
  return kind === 'r' || kind === 'read';
}

function words(registers: Registers): string {
  return [...registers]
    .map(([key, value]) => `${String(key)}: ${print(value)}`)
    .sort()
    .join(', ');
}

function fault({ input, output }: Call): string | undefined {
  const malformed = faultOfList(input) ?? (output === undefined ? undefined : faultOfList(output));
  if (malformed !== undefined || output === undefined) return malformed;
  const [asked, seen] = [input, output].map((list) => print(touched(list)));
  return asked === seen ? undefined : `txn ${asked} returned something else: ${seen}`;
}

/** The kinds and keys of a list, without the values. */
function touched(list: Plain): Plain {
  return (list as readonly MicroOperation[]).map(([kind, key]) => [kind, key]);
}

function faultOfList(list: Plain): string | undefined {
  if (!isList(list)) return `txn takes a list of [kind, key, value], not ${print(list)}`;
  for (const operation of list) {
    const [kind, key] = isList(operation) ? operation : [];
    if (key === undefined || !['r', 'read', 'w', 'write'].includes(String(kind))) {
      return `a part of a txn is ['r' or 'w', key, value], not ${print(operation)}`;
    }
  }
  return undefined;
}
