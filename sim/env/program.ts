/** What a module exports where a program is asked for. */

/** What `value` is instead of a function that can be called with (env, args); undefined when it is one. */
export function notAProgram(value: unknown): string | undefined {
  if (value === null) return 'null';
  if (typeof value !== 'function') return `a value of type ${typeof value}`;
  const prototype = Object.getOwnPropertyDescriptor(value, 'prototype');
  // Of classes alone it cannot be written.
  return prototype?.writable === false ? 'a class' : undefined;
}
