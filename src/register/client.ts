import type { Env } from '../../sim/env/env.ts';
import { NoQuorum, QuorumRegister } from './quorum.ts';

export type ClientArgs = {
  readonly operations: number;
  /** Mean pause before an operation. */
  readonly thinkMs: number;
  readonly writeBack: boolean;
};

const NEXT = { read: 1, write: 1 };

/** Reads and writes the register, one operation at a time, and records what it saw. */
export default async function client(env: Env, args: ClientArgs): Promise<void> {
  const register = new QuorumRegister(env, {
    replicas: env.peers('replica'),
    requestMs: 50,
    giveUpMs: 2000,
    writeBack: args.writeBack,
  });
  for (let i = 0; i < args.operations; i++) {
    await env.operation('client', { thinkMs: args.thinkMs }, () =>
      env.random.branch('client.next', NEXT) === 'read'
        ? read(env, register)
        : write(env, register, env.index * 1_000_000 + i),
    );
  }
}

async function read(env: Env, register: QuorumRegister): Promise<void> {
  const operation = env.history.invoke('read');
  try {
    operation.ok(await register.read());
  } catch (error) {
    if (!(error instanceof NoQuorum)) throw error;
    operation.unknown(error.message);
  }
}

async function write(env: Env, register: QuorumRegister, value: number): Promise<void> {
  const operation = env.history.invoke('write', value);
  try {
    await register.write(value);
    operation.ok();
  } catch (error) {
    if (!(error instanceof NoQuorum)) throw error;
    operation.unknown(error.message);
  }
}
