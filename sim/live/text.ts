/** A live run in plain text, a line per event and a paragraph for what came of it. */
import type { LiveEvent } from './live-run.ts';
import type { LiveNodeResult, LiveResult, OperationCounts } from './result.ts';

/** `   3.217 s  replica-2 is killed`. */
export function eventLine({ atMs, node, kind, text }: LiveEvent): string {
  const words = node === '' ? text : `${node} ${kind === 'violation' ? `broke ${text}` : text}`;
  return `${(atMs / 1000).toFixed(3).padStart(8)} s  ${words}`;
}

/** The verdict, what is wrong with its details, the nodes by role, and where the files are. */
export function resultText(result: LiveResult): string {
  const { scenario, operations, kills, restarts, wallMs, interrupted, directory } = result;
  const when = `in ${(wallMs / 1000).toFixed(1)} s${interrupted ? ', interrupted' : ''}`;
  const storm = `${kills} kills, ${restarts} restarts ${when}`;
  const lines = [
    `${scenario}: ${result.verdict} (${operationsText(operations)}, ${storm})`,
    ...findingLines(result),
  ];
  for (const [name, held] of result.sometimes) {
    if (!held) lines.push(`  never seen: ${name}`);
  }
  lines.push(...roleLines(result.nodes));
  if (directory !== undefined) lines.push(`  disks, journals and output: ${directory}`);
  return lines.join('\n');
}

/** `994 operations, 2 failed, 31 unknown`. */
function operationsText({ completed, failed, unknown }: OperationCounts): string {
  const counts = [`${completed} operations`];
  if (failed > 0) counts.push(`${failed} failed`);
  if (unknown > 0) counts.push(`${unknown} unknown`);
  return counts.join(', ');
}

function findingLines({ failure, reason }: LiveResult): string[] {
  if (failure === undefined) return reason === undefined ? [] : [`  ${reason}`];
  const { property, message, details, stack, nodes, atNs } = failure;
  const where = nodes.length === 0 ? '' : ` on ${nodes.join(', ')}`;
  const lines = [`  ${property}: ${message}${where} at ${(atNs / 1e9).toFixed(3)} s`];
  for (const more of [details, stack]) {
    if (more) lines.push(...more.split('\n').map((line) => `    ${line}`));
  }
  return lines;
}

function roleLines(nodes: readonly LiveNodeResult[]): string[] {
  const roles = [...new Set(nodes.map(({ role }) => role))];
  return roles.map((role) => {
    const those = nodes.filter((node) => node.role === role);
    const counts = new Map<string, number>();
    for (const { end } of those) counts.set(end, (counts.get(end) ?? 0) + 1);
    const ends = [...counts].map(([end, count]) => `${count} ${end}`).join(', ');
    const sum = (of: (node: LiveNodeResult) => number) =>
      those.reduce((total, node) => total + of(node), 0);
    const starts = sum((node) => node.starts);
    return `  ${role}: ${starts} starts, ${sum((node) => node.kills)} kills, ${ends}`;
  });
}
