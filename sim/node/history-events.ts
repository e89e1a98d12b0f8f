import type { Operation } from '../check/history.ts';
import type { HistoryListener } from '../check/history-recorder.ts';
import type { Plain } from '../env/net.ts';
import type { Kernel } from '../sched/kernel.ts';
import { mixPlain } from '../sched/mix-plain.ts';
import { spoken, spokenArgument } from './spoken.ts';

/** Mixes a history's events into the digest of the step in which they happen, and tells of them. */
export function historyEvents(kernel: Kernel): HistoryListener {
  const { digest } = kernel;
  return {
    called(operation) {
      digest.mixText(operation.name);
      mixPlain(digest, operation.input);
      kernel.tell('history', operation.process, () => `calls ${callInWords(operation)}`);
    },
    ended(operation, index, said) {
      digest.mix(index);
      mixPlain(digest, said);
      kernel.tell('history', operation.process, () => {
        return `${callInWords(operation)} ${endInWords(operation, said)}`;
      });
    },
  };
}

function callInWords({ name, input }: Operation): string {
  return `${name}(${spokenArgument(input)})`;
}

function endInWords({ outcome }: Operation, said: Plain | undefined): string {
  switch (outcome) {
    case 'ok':
      return said === undefined ? 'returns' : `returns ${spoken(said)}`;
    case 'fail':
      return `fails${inBrackets(said)}`;
    case 'unknown':
      return `may or may not have happened${inBrackets(said)}`;
  }
}

function inBrackets(reason: Plain | undefined): string {
  return reason === undefined ? '' : ` (${reason as string})`;
}
