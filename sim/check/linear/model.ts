import type { Plain } from '../../env/net.ts';
import { type History, HistoryError, type Operation } from '../history.ts';

/** What a model sees of an operation. */
export type Call = Pick<Operation, 'process' | 'name' | 'input' | 'output'>;

/**
 * What the sequential object does with one call in one state:
 *
 * - it moves to `state` and answers `output`; without `output` every answer is right
 * - it cannot take the call in this state at all: `refused` says why, as a clause
 *
 * The checker compares answers itself, and an operation whose answer nobody saw is never refused
 * for it, so a model need not think about unknown outcomes.
 */
export type Step<State> =
  | { readonly state: State; readonly output?: Plain }
  | { readonly refused: string };

/**
 * A sequential object, as a pure function. A model of one's own:
 *
 * ```ts
 * const odometer: Model<number> = {
 *   name: 'odometer',
 *   initial: 0,
 *   step: (km, { name, input }) => {
 *     if (name === 'read') return { state: km, output: km };
 *     if (Number(input) < 0) return { refused: `an odometer does not run back by ${input}` };
 *     return { state: km + Number(input) };
 *   },
 * };
 * ```
 */
export interface Model<State = unknown> {
  readonly name: string;
  readonly initial: State;
  /**
   * The names of the operations; others are refused as bad input. Omitted: every name is passed on.
   */
  readonly operations?: readonly string[];

  /**
   * Never changes `state`, and depends on nothing but its arguments.
   * `spend` counts against the step limit; call it in loops over a large state.
   */
  step(state: State, call: Call, spend: (steps: number) => void): Step<State>;

  /**
   * Equal for states that no sequence of calls can tell apart. Omitted: the state itself if it is
   * a primitive or a symbol, its printed form if it consists of plain data, Maps and Sets, whose
   * entries are taken in their order. Other objects cannot be told apart without it.
   */
  identity?(state: State): string | number;

  /** The state in an explanation, after "in the state …". Omitted: its printed form. */
  describe?(state: State): string;

  /**
   * True when this call, with the output it had, changes no state in which it is legal. Lets the
   * search place it at once. Omitted: found out where the states are few.
   */
  readOnly?(call: Call): boolean;

  /** True when legality depends on `call.process`. Otherwise equal calls are interchangeable. */
  readonly perProcess?: boolean;

  /**
   * Which of many independent objects the call is about. Each starts in `initial`, and `step` sees
   * one of them. A history is linearizable if and only if it is for each object by itself.
   */
  object?(call: Call): Plain;

  /**
   * Like `object`, for calls that touch several objects at once, all of which `step` then sees in
   * one state. Calls that share an object, directly or through others, are decided together.
   */
  objects?(call: Call): readonly Plain[] | 'all';

  /**
   * Maps a state to a representative that behaves the same towards these calls, for example all
   * values that none of them reads to one. Called once for each object or group of objects.
   */
  abstraction?(calls: readonly Call[]): Abstraction<State>;

  /** What is wrong with the form of the call's input or output; `undefined` when nothing is. */
  fault?(call: Call): string | undefined;

  /**
   * Decides one object's operations without a search, in (nearly) linear time, when their values
   * are unambiguous. `part` holds indices into the history in order of call, without the failed
   * operations. `undefined`: they have to be searched.
   */
  shortcut?(history: History, part: Int32Array): Decision | undefined;
}

/** What a {@link Model.abstraction} returns. */
export interface Abstraction<State> {
  represent(state: State): State;

  /**
   * What a state takes in memory beside others that it shares parts with, in words of four bytes.
   * Omitted: estimated by its printed form.
   */
  words?(state: State): number;
}

/** What a {@link Model.shortcut} found. `operations` are indices into the history. */
export type Decision =
  | { readonly valid: true; readonly by: string }
  | {
      readonly valid: false;
      readonly by: string;
      readonly message: string;
      readonly operations: readonly number[];
    };

/** @throws HistoryError `unknown-operation`, `bad-input` for what the model does not understand. */
export function validate(history: History, model: Model): void {
  const { operations } = model;
  const known = new Set(operations);
  for (let i = 0; i < history.length; i++) {
    const operation = history[i]!;
    if (operations !== undefined && !known.has(operation.name)) {
      const message = `the model ${model.name} has no operation "${operation.name}", only ${operations.join(', ')}`;
      throw new HistoryError('unknown-operation', message, { operation: i });
    }
    const fault = model.fault?.(operation);
    if (fault !== undefined) throw new HistoryError('bad-input', fault, { operation: i });
  }
}
