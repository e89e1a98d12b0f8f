/** What calls of Env are given, checked: TypeScript says it, and much of what calls is not TypeScript. */

/** @throws TypeError that names the call, what it was given and what it takes. */
export function checkFunction(call: string, given: unknown, takes: string): void {
  if (typeof given !== 'function') refuse(call, given, takes);
}

/** @throws TypeError */
export function checkName(call: string, given: unknown, takes: string): void {
  if (typeof given !== 'string') refuse(call, given, takes);
}

/** @throws TypeError */
export function checkOperation(label: string, options: unknown, body: unknown): void {
  const call = `operation(${inWords(label)}, …)`;
  const takes = 'env.operation(label, { thinkMs }, async () => { … })';
  checkName(call, label, takes);
  if (typeof options !== 'object' || options === null) refuse(call, options, takes);
  const { thinkMs } = options as { readonly thinkMs?: unknown };
  if (typeof thinkMs !== 'number' || !(thinkMs >= 0 && thinkMs < Infinity)) {
    throw new TypeError(
      `${call}: thinkMs is ${inWords(thinkMs)}, not 0 ms or more; it is ${takes}`,
    );
  }
  checkFunction(call, body, takes);
}

/** @throws TypeError */
export function checkSnapshot(name: string, snapshot: unknown): void {
  checkFunction(`observe(${inWords(name)}, …)`, snapshot, 'env.observe(name, () => plainData)');
}

/** @throws TypeError */
export function checkEventually(name: string, holds: unknown): void {
  const call = `eventually(${inWords(name)}, …)`;
  checkFunction(call, holds, 'env.eventually(name, () => trueOrFalse)');
}

/** @throws TypeError */
export function checkThread(name: unknown, body: unknown): void {
  const takes = 'env.threads.spawn(name, function* () { … })';
  checkName('threads.spawn', name, takes);
  checkFunction(`threads.spawn(${inWords(name)}, …)`, body, takes);
}

function refuse(call: string, given: unknown, takes: string): never {
  throw new TypeError(`${call} was given ${inWords(given)}; it is ${takes}`);
}

/** A given value in a word or two. */
export function inWords(given: unknown): string {
  switch (typeof given) {
    case 'undefined':
      return 'nothing';
    case 'function':
      return 'a function';
    case 'string':
      return JSON.stringify(given.length <= 40 ? given : `${given.slice(0, 39)}…`).replaceAll(
        '"',
        "'",
      );
    case 'object':
      if (given === null) return 'null';
      return Array.isArray(given) ? 'an array' : 'an object';
    default:
      return String(given);
  }
}
