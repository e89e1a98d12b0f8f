/** `groundhog list`: what can be run by name from here. */
import Table from 'cli-table3';
import {
  builtInScenarios,
  loadTarget,
  scenariosBelow,
  type TargetRef,
} from '../campaign/targets.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { pc } from '../tell/colour.ts';
import { EXIT } from './exit.ts';
import { userMessage } from './user-error.ts';

interface Listed {
  readonly scenario: string;
  readonly file: string;
  readonly builtIn: boolean;
  readonly expect: 'passed' | 'violated';
  /** None of a program of threads. */
  readonly roles: { readonly [role: string]: number };
}

export async function list(options: { readonly json?: boolean }): Promise<number> {
  const { refs: here, broken } = await scenariosBelow(process.cwd());
  const names = new Set(here.map(({ name }) => name));
  const builtIn = (await builtInScenarios()).filter(({ name }) => !names.has(name));
  const read = await Promise.allSettled([
    ...here.map((ref) => listedOf(ref, false)),
    ...builtIn.map((ref) => listedOf(ref, true)),
  ]);
  const listed = read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  process.stdout.write(options.json ? `${JSON.stringify(listed)}\n` : tableOf(listed));
  const unreadable = read.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return refused([...broken, ...unreadable]);
}

/** Says of each file that cannot be read why. */
function refused(errors: readonly unknown[]): number {
  for (const error of errors) {
    const message = userMessage(error);
    if (message === undefined) throw error;
    process.stderr.write(`${pc.red('groundhog:')} ${message}\n`);
  }
  return errors.length === 0 ? EXIT.passed : EXIT.usage;
}

async function listedOf(ref: TargetRef, builtIn: boolean): Promise<Listed> {
  const { scenario } = await loadTarget(ref);
  const { roles = new Map<string, never>(), expect = 'passed' } = scenario ?? {};
  return {
    scenario: ref.name,
    file: shortPath(ref.file),
    builtIn,
    expect,
    roles: Object.fromEntries([...roles].map(([role, { count }]) => [role, count])),
  };
}

function tableOf(listed: readonly Listed[]): string {
  const table = new Table({
    head: ['scenario', 'nodes', 'expected', 'file'],
    style: { head: [], border: [] },
  });
  for (const { scenario, roles, expect, builtIn, file } of listed) {
    const nodes = Object.entries(roles).map(([role, count]) => `${count} ${role}`);
    table.push([scenario, nodes.join(', ') || 'threads', expect, builtIn ? 'built in' : file]);
  }
  return `${table.toString()}\n`;
}
