import type { Plain } from '../../env/net.ts';
import type { Operation } from '../history.ts';
import { isList, print, samePlain } from '../plain.ts';
import type { Call, Model, Step } from './model.ts';
import { refuteByOrigin } from './origin.ts';
import { decideByZones } from './zones.ts';

export interface RegisterOptions {
  /** What a read returns before the first write; null by default. */
  readonly initial?: Plain;
}

/**
 * One value.
 *
 * | operation | input | output |
 * |---|---|---|
 * | `read` | | the value |
 * | `write` | the new value | |
 * | `cas` | `[expected, new]` | true when it held `expected` and now holds `new`, false when not |
 */
export function register(options: RegisterOptions = {}): Model<Plain> {
  const { initial = null } = options;
  return {
    name: 'register',
    initial,
    operations: ['read', 'write', 'cas'],
    step: stepRegister,
    readOnly: ({ name, output }) => name === 'read' || (name === 'cas' && output === false),
    fault: (call) => (call.name === 'cas' ? faultOfCas(call) : undefined),
    shortcut: (history, part) =>
      decideByZones(history, part, {
        read: 'read',
        write: 'write',
        written: ({ input }) => input,
        initial,
      }) ?? refuteByOrigin(history, part, { given, taken, initial, takes: 'copies' }),
  };
}

function given({ name, input, output }: Operation): Plain | undefined {
  if (name === 'write') return input;
  return name === 'cas' && output !== false ? (input as readonly [Plain, Plain])[1] : undefined;
}

function taken({ name, input, output }: Operation): Plain | undefined {
  if (name === 'read') return output;
  return name === 'cas' && output === true ? (input as readonly [Plain, Plain])[0] : undefined;
}

/** A {@link register}, under the name it goes by when its histories contain `cas`. */
export function casRegister(options: RegisterOptions = {}): Model<Plain> {
  return { ...register(options), name: 'cas-register' };
}

function stepRegister(value: Plain, { name, input, output }: Call): Step<Plain> {
  if (name === 'write') return { state: input };
  if (name === 'read') return { state: value, output: value };
  const [expected, next] = input as readonly [Plain, Plain];
  if (samePlain(value, expected)) return { state: next, output: true };
  if (output === true) return { refused: `it holds ${print(value)}, not ${print(expected)}` };
  return { state: value, output: false };
}

function faultOfCas({ input, output }: Call): string | undefined {
  if (!isList(input) || input.length !== 2) {
    return `cas takes [expected, new], not ${print(input)}`;
  }
  return faultOfAnswer(output);
}

/** A compare-and-set answers whether it took effect. */
export function faultOfAnswer(output: Plain | undefined): string | undefined {
  if (output === undefined || typeof output === 'boolean') return undefined;
  return `cas answers true or false, not ${print(output)}`;
}
