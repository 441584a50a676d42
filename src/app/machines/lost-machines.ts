import type { CallClaims } from '../../cluster/calls/call-claims.ts';
import type { Machine, MachineDirectory } from '../../cluster/machines/machine-directory.ts';
import { componentLog, type Log } from '../../log.ts';
import type { CallOwnership } from '../../telephony/call-streams.ts';
import type { CallTerminator } from '../../telephony/telephone-calls.ts';
import type { ProcessCalls } from '../processes/process-calls.ts';
import type { ClusterOwnership } from './call-ownership.ts';

/** Calls of a lost machine that are taken at the same time. */
const AT_ONCE = 4;

export interface LostMachinesOptions {
  readonly claims: Pick<CallClaims, 'callsOf'>;
  readonly directory: Pick<MachineDirectory, 'gone' | 'strike'>;
  readonly ownership: Pick<ClusterOwnership, 'inherit'> & CallOwnership;
  readonly registry: Pick<ProcessCalls['registry'], 'get' | 'has'>;
  /** Undefined: no account is configured. */
  readonly telephony: Pick<CallTerminator, 'redirect'> | undefined;
  readonly log: Log;
}

/**
 * Takes the calls of machines that are gone. Callers whose streams have broken are asked for by Twilio; a machine that hangs keeps its
 * streams open, so those calls are redirected.
 */
export class LostMachines {
  readonly #options: LostMachinesOptions;
  readonly #log: Log;
  readonly #lost = new Map<string, Machine>();
  #isWorking = false;

  constructor(options: LostMachinesOptions) {
    this.#options = options;
    this.#log = componentLog(options.log, 'machines');
    options.directory.gone.subscribe((machine) => {
      this.#lost.set(machine.id, machine);
      this.tick();
    });
  }

  /** Tries again what has failed. Call it with each beat. */
  tick(): void {
    if (this.#lost.size === 0 || this.#isWorking) return;
    this.#isWorking = true;
    void this.#inheritAll().finally(() => (this.#isWorking = false));
  }

  async #inheritAll(): Promise<void> {
    for (const machine of this.#lost.values()) {
      try {
        await this.#inherit(machine);
        this.#lost.delete(machine.id);
      } catch (error) {
        this.#log.error(
          { machine: machine.name, err: error },
          'the calls of a lost machine could not be taken; will retry',
        );
      }
    }
  }

  async #inherit({ id, name }: Machine): Promise<void> {
    const { claims, directory } = this.#options;
    const calls = await claims.callsOf(id);
    if (calls.length > 0)
      this.#log.warn({ machine: name, calls: calls.length }, 'taking the calls of a lost machine');
    const queue = calls.values();
    const worker = async (): Promise<void> => {
      for (const callSid of queue) await this.#take(callSid, id);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await directory.strike(id);
  }

  async #take(callSid: string, from: string): Promise<void> {
    const { ownership, registry, telephony } = this.#options;
    if (!(await ownership.inherit(callSid, from))) return;
    // A call that has ended is being finished; one with a stream has been asked for already.
    if (!registry.has(callSid) || registry.get(callSid)) return;
    await telephony
      ?.redirect?.(callSid)
      .catch((error: unknown) =>
        this.#log.error({ callSid, err: error }, 'a call of a lost machine could not be redirected'),
      );
  }
}
