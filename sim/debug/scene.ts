/** What a run shows of itself while it stands still between two steps. */
import type { Sight } from '../node/loader/sight.ts';
import type { ThreadsState } from './threads-scene.ts';
import type { NodeState } from './world-scene.ts';

export interface Scene {
  /** Of one by name, or of all. @throws DebugError */
  show(name?: string): Shown;
  /**
   * The scope of one's code, undefined before any of it has run. The name is empty where all share one.
   *
   * @throws DebugError
   */
  sight(name: string): Sight | undefined;
  /** Does it as that one's own code, at the end of the step that has run. */
  inside<Result>(name: string, work: () => Result): Result;
  /** A value as it is shown: with what shared objects hold in their place. */
  view(value: unknown): unknown;
  /** Why a change that was made to it here is not seen. */
  deaf(name: string): string | undefined;
}

/** A debugger's view; values are texts. */
export type Shown =
  | { readonly is: 'state'; readonly nodes: readonly NodeState[] }
  | ({ readonly is: 'threads' } & ThreadsState);

/** Names with their values. */
export type Values = readonly { readonly name: string; readonly text: string }[];
