/** What a node's process runs: one program, as the supervisor says. */
import { MemoryError } from '../env/memory.ts';
import { encodePlain } from '../env/plain.ts';
import { uncaught } from '../trace/violation.ts';
import { machineNs } from './clock.ts';
import { LiveEnv } from './env.ts';
import { HostsFile } from './hosts.ts';
import { JournalFile, type Report } from './journal.ts';
import { LiveError } from './live-error.ts';
import { loadProgram } from './program.ts';
import type { NodeConfig, Order, Word } from './protocol.ts';

// Nobody is left to answer to: the supervisor has ended, however it did.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));

process.once('message', (order: Order) => {
  if (order.order === 'run') run(order.config);
});

function run(config: NodeConfig): void {
  const nowNs = (): number => machineNs(config.originNs);
  const journal = new JournalFile(config.journalFile, { incarnation: config.incarnation, nowNs });
  const fail = (thrown: unknown, as: 'exception' | 'rejection'): void => {
    if (thrown instanceof MemoryError && thrown.code === 'unavailable') {
      tell({ word: 'no-memory' });
      return;
    }
    journal.write({ is: 'broken', ...uncaught(thrown, as) });
    process.exit(1);
  };
  process.on('uncaughtException', (error: unknown) => fail(error, 'exception'));
  const rejected = (reason: unknown): void => fail(reason, 'rejection');
  process.on('unhandledRejection', rejected);
  const env = new LiveEnv({
    name: config.name,
    role: config.role,
    index: config.index,
    incarnation: config.incarnation,
    peers: config.peers,
    hosts: new HostsFile(config.hostsFile),
    directory: config.diskDirectory,
    seed: config.seed,
    witness: {
      report(report) {
        journal.write(report);
        if (report.is === 'broken') tell({ word: 'broken' });
        if (report.is === 'log' && config.log === 'stderr') show(config.name, nowNs(), report);
      },
      serves: once(() => tell({ word: 'serves' })),
    },
  });
  process.on('message', (order: Order) => {
    if (order.order === 'show') tell({ word: 'state', state: env.state() });
    else if (order.order === 'wind-down') env.operations.windDown();
  });
  process.once('SIGTERM', () => {
    env.process.terminated().then(() => process.exit(0), rejected);
  });
  play(config, env).catch((thrown: unknown) => {
    if (!(thrown instanceof LiveError)) return rejected(thrown);
    tell({ word: 'unusable', message: thrown.message });
  });
}

async function play({ program, args }: NodeConfig, env: LiveEnv): Promise<void> {
  const call = await loadProgram(program);
  const main = call(env, args);
  tell({ word: 'started' });
  await main;
  await env.operations.allOver();
  tell({ word: 'finished', operations: env.operations.count, state: env.state() });
}

function tell(word: Word): void {
  // The channel is closed only when the supervisor is gone, and then so are we.
  if (process.connected) process.send!(word);
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}

function show(name: string, atNs: number, log: Extract<Report, { is: 'log' }>): void {
  const fields = log.fields === undefined ? '' : ` ${Buffer.from(encodePlain(log.fields))}`;
  const seconds = (atNs / 1e9).toFixed(3).padStart(8);
  process.stderr.write(`${seconds} s  ${name}  ${log.level}: ${log.message}${fields}\n`);
}
