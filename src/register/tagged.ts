import type { Plain } from '../../sim/env/net.ts';

/** A register's value with the tag that orders it: by sequence, then by the writer's name. */
export type Tagged = {
  readonly sequence: number;
  readonly writer: string;
  readonly value: Plain;
};

export const INITIAL: Tagged = { sequence: 0, writer: '', value: null };

export function newer(a: Tagged, b: Tagged): boolean {
  return a.sequence !== b.sequence ? a.sequence > b.sequence : a.writer > b.writer;
}

/** The newest of `values`, which must not be empty. */
export function newest(values: readonly Tagged[]): Tagged {
  return values.reduce((best, value) => (newer(value, best) ? value : best));
}
