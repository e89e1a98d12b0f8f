// Histories as EDN, an event a line, as Jepsen, Elle and porcupine read them. Calls and returns must
// be numbered from 0 without gaps, as recorders number them.

import type { Plain } from '../../env/net.ts';
import type { History, Operation } from '../history.ts';
import { isList, isRecord, print } from '../plain.ts';

export function* ednLines(history: History): Generator<string, void> {
  let events = 0;
  for (const { returned } of history) events += returned === Infinity ? 1 : 2;
  const at = new Int32Array(events);
  for (const [i, { called, returned }] of history.entries()) {
    at[called] = i;
    if (returned !== Infinity) at[returned] = i;
  }
  for (let event = 0; event < events; event++) {
    const operation = history[at[event]!]!;
    const type = operation.called === event ? 'invoke' : operation.outcome;
    yield `{:process ${operation.process}, :type :${type}, :f :${operation.name}, ${fieldsOf(operation, type)}}\n`;
  }
}

function fieldsOf({ name, input, output }: Operation, type: string): string {
  const said = type === 'ok' ? output! : input;
  if (name === 'txn') {
    const micros = said as readonly (readonly [string, Plain, Plain])[];
    const words = micros.map(([kind, key, value]) => `[:${kind} ${edn(key)} ${edn(value)}]`);
    return `:value [${words.join(' ')}]`;
  }
  if (isRecord(input)) {
    const value = name === 'get' ? (type === 'ok' ? output! : null) : input['value']!;
    return `:key ${edn(input['key']!)}, :value ${edn(value)}`;
  }
  return `:value ${edn(said ?? input)}`;
}

function edn(value: Plain): string {
  if (value === null) return 'nil';
  return isList(value) ? `[${value.map(edn).join(' ')}]` : print(value);
}
