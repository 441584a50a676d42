import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { componentLog } from '../../log.ts';
import type { CallHost } from './call-host.ts';
import type { DeskInterest } from './host-messages.ts';
import { SupervisedProcess, type SupervisedProcessOptions } from './supervised-process.ts';

/** Processes that take calls besides the main one. */
export interface FurtherProcesses extends Pick<SupervisedProcessOptions, 'start'> {
  readonly count: number;
}

export interface CallProcessesOptions
  extends FurtherProcesses, Omit<SupervisedProcessOptions, 'number' | 'start'> {}

/** The processes with calls besides the main one. */
export class CallProcesses {
  readonly #processes: readonly SupervisedProcess[];

  constructor({ count, ...options }: CallProcessesOptions) {
    const log = componentLog(options.log, 'processes');
    this.#processes = Array.from(
      { length: count },
      (_, index) => new SupervisedProcess({ ...options, log, number: index + 1 }),
    );
  }

  /** Those that can take calls. */
  get hosts(): readonly CallHost[] {
    return this.#processes.flatMap(({ host }) => host ?? []);
  }

  /** Starts all. Resolves when they can take calls; rejects if one cannot. */
  async open(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.open()));
  }

  /** Whether media streams at this path belong to one of these processes, also while it does not run. */
  isOurs(path: string): boolean {
    return this.#processes.some((process) => process.path === path);
  }

  /** Hands over the socket of an admitted media stream. False if its process does not run. */
  handOver(path: string, request: IncomingMessage, socket: Socket, head: Uint8Array): boolean {
    const host = this.#processes.find((process) => process.path === path)?.host;
    host?.handOver(request, socket, head);
    return host !== undefined;
  }

  /** What the desk wants to know of calls. Call it every quarter of a second. */
  setInterest(interest: DeskInterest): void {
    for (const { host } of this.#processes) host?.setInterest(interest);
  }

  hurry(): void {
    for (const process of this.#processes) process.hurry();
  }

  /** Resolves when all have exited. */
  async close(drainSeconds: number): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.close(drainSeconds)));
  }
}
