import { fork, type ChildProcess } from 'node:child_process';
import { programPath, type ProgramName } from './bundles';

interface Question {
  id: number;
  method: string;
  argument: unknown;
}

interface Answer {
  id: number;
  value?: unknown;
  error?: string;
}

/** Calls that a program offers, by name. */
export type Calls = Record<string, (argument: never) => unknown>;

/** A benchmark's program in a process of its own. Whoever starts it ends it. */
export class Program<C extends Calls> {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private lastId = 0;
  private isOver = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly name: ProgramName,
  ) {
    child.on('message', message => {
      const answer = message as Answer;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
    child.on('exit', code => {
      this.isOver = true;
      for (const [id, settle] of this.waiting)
        settle({ id, error: `${name} ended with code ${code ?? '?'}.` });
      this.waiting.clear();
    });
  }

  /** Starts it; `nodeOptions` as on Node's command line. */
  static start<C extends Calls>(
    name: ProgramName,
    options: { nodeOptions?: readonly string[]; environment?: Readonly<Record<string, string>> } = {},
  ): Program<C> {
    const child = fork(programPath(name), [], {
      execArgv: ['--enable-source-maps', ...(options.nodeOptions ?? [])],
      env: { ...process.env, ...options.environment },
      serialization: 'advanced',
    });
    return new Program<C>(child, name);
  }

  /** Calls it; rejects with what it throws, or when it ends. */
  async ask<M extends keyof C & string>(
    method: M,
    argument: Parameters<C[M]>[0],
  ): Promise<Awaited<ReturnType<C[M]>>> {
    if (this.isOver) throw new Error(`${this.name} has ended.`);
    const id = ++this.lastId;
    const answer = await new Promise<Answer>(resolve => {
      this.waiting.set(id, resolve);
      this.child.send({ id, method, argument } satisfies Question);
    });
    if (answer.error !== undefined) throw new Error(`${this.name}: ${answer.error}`);
    return answer.value as Awaited<ReturnType<C[M]>>;
  }

  /** Lets it end by itself, and waits for that. */
  async end(): Promise<void> {
    if (this.isOver) return;
    const ended = new Promise<void>(resolve => this.child.once('exit', () => resolve()));
    this.child.disconnect();
    await ended;
  }
}

/** In the program: answers the calls of whoever started it, and ends when that lets go. */
export function serve(calls: Calls): void {
  process.on('message', message => {
    const { id, method, argument } = message as Question;
    const call = calls[method];
    Promise.resolve()
      .then(() => call?.(argument as never))
      .then(
        value => process.send?.({ id, value } satisfies Answer),
        (error: unknown) =>
          process.send?.({
            id,
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          } satisfies Answer),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
