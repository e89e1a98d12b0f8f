/**
 * The same commands over a local socket, for editors: TCP on 127.0.0.1, one JSON object a line each
 * way, as docs/debug.md specifies. A web page can make a browser connect to a local port too, so the
 * first line has to be the token that was printed, and whatever is no such line ends the connection.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { stripVTControlCharacters } from 'node:util';
import { EXIT, UsageError } from '../exit.ts';
import { userMessage } from '../user-error.ts';
import { answerText } from './answer-text.ts';
import { parseCommand } from './commands.ts';
import { type Answer, carryOut, outcomeOf, type Patience, type Session } from './session.ts';

export interface SocketOptions {
  /** As people name it. */
  readonly subject: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told when it listens. */
  readonly listening: (where: Listening) => void;
}

/** What a client needs to know. */
interface Listening {
  readonly protocol: number;
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

const PROTOCOL = 1;
const HOST = '127.0.0.1';
const LINE_MAX = 1_000_000;
const CLIENTS_MAX = 16;
/** Commands of one client that wait. */
const WAITING_MAX = 100;

/** Answers until a client says `quit`; resolves with the exit code. */
export async function serve(session: Session, options: SocketOptions): Promise<number> {
  const { signal } = options;
  const token = randomBytes(16).toString('hex');
  const desk = new Desk(session, options.subject);
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    clients.add(socket);
    socket.on('close', () => clients.delete(socket)).on('error', () => {});
    receive(socket, token, desk);
  });
  server.maxConnections = CLIENTS_MAX;
  const port = await listen(server, options.port);
  options.listening({ protocol: PROTOCOL, host: HOST, port, token });
  await Promise.race([desk.closed, aborted(signal)]);
  for (const client of clients) client.destroySoon();
  await new Promise((resolve) => server.close(resolve));
  return signal.aborted ? EXIT.interrupted! : EXIT.passed!;
}

/** Who carries out the commands of all clients, one after another. */
class Desk {
  readonly closed: Promise<void>;
  readonly greeting: object;
  private readonly session: Session;
  private close!: () => void;
  private last: Promise<void> = Promise.resolve();
  /** Of commands under way or waiting, the first of all in front. */
  private readonly line: Patience[] = [];

  constructor(session: Session, subject: string) {
    this.session = session;
    const { step, course, branch } = session.journey;
    const { nodes, steps } = course;
    const { result } = outcomeOf(branch);
    this.greeting = { protocol: PROTOCOL, subject, step, steps, nodes, result };
    this.closed = new Promise((resolve) => {
      this.close = resolve;
    });
  }

  /** Gives up the command under way, or the one that is about to be. */
  cancel(): void {
    const [first] = this.line;
    if (first === undefined) return;
    first.isOver = true;
    this.session.patience.isOver = true;
  }

  async take(line: string, send: (message: object) => Promise<void>): Promise<void> {
    const patience: Patience = { isOver: false };
    this.line.push(patience);
    const turn = this.last.then(async () => {
      this.session.patience.isOver = patience.isOver;
      await this.carryOut(line, send).finally(() => this.line.shift());
    });
    this.last = turn;
    await turn;
  }

  private async carryOut(line: string, send: (message: object) => Promise<void>): Promise<void> {
    const { session } = this;
    let answer: Answer | undefined;
    try {
      const command = parseCommand(line);
      answer = command && (await carryOut(session, command, ({ url }) => send({ inspector: url })));
    } catch (error) {
      const message = userMessage(error);
      if (message === undefined) throw error;
      await send({ error: message });
      return;
    }
    const { step, course, branch } = session.journey;
    const place = { step, steps: course.steps, branch: branch.number };
    await send({ ...place, answer: answer ?? null, text: textOf(answer) });
    if (answer?.is === 'bye') this.close();
  }
}

function receive(socket: Socket, token: string, desk: Desk): void {
  let known = false;
  let waiting = 0;
  const send = (message: object): Promise<void> =>
    new Promise((resolve) => {
      if (socket.destroyed) resolve();
      else socket.write(`${JSON.stringify(message)}\n`, () => resolve());
    });
  const hear = (line: string): void => {
    const message = requestIn(line);
    if (!known) {
      known = message !== undefined && isToken(message.token, token);
      if (known) void send(desk.greeting);
      else socket.destroy();
    } else if (message === undefined) {
      void send({ error: 'a line is {"id": 1, "command": "back"} or {"cancel": true}' });
    } else if (message.cancel === true) {
      desk.cancel();
    } else if (typeof message.command !== 'string' || waiting >= WAITING_MAX) {
      const error = waiting >= WAITING_MAX ? 'too many commands wait' : 'which command?';
      void send({ id: message.id, error });
    } else {
      const { id } = message;
      waiting++;
      desk
        .take(message.command, (answer) => send({ id, ...answer }))
        .finally(() => waiting--)
        .catch((error: unknown) => socket.destroy(error as Error));
    }
  };
  let pending = '';
  socket.setEncoding('utf8').on('data', (text) => {
    const lines = (pending + String(text)).split('\n');
    pending = lines.pop()!;
    for (const line of lines) if (!socket.destroyed) hear(line);
    if (pending.length > LINE_MAX) socket.destroy();
  });
}

/** Without colours, even where this process has a terminal. */
function textOf(answer: Answer | undefined): string {
  return answer === undefined ? '' : stripVTControlCharacters(answerText(answer));
}

interface Request {
  readonly id?: unknown;
  readonly token?: unknown;
  readonly command?: unknown;
  readonly cancel?: unknown;
}

function requestIn(line: string): Request | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isToken(said: unknown, token: string): boolean {
  if (typeof said !== 'string') return false;
  const [a, b] = [Buffer.from(said), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new UsageError(`port ${port} is taken: without one, any is found`) : error);
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
