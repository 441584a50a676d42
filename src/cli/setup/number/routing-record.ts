import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DataDirectory } from '../../../storage/data-directory.ts';
import { writeDurably } from '../../../storage/durable-file.ts';
import type { AccountNumber, NumberRouting } from '../../../telephony/twilio/phone-numbers.ts';
import { changesBetween } from './routing-plan.ts';

/** A number that was set, with its values before. */
export interface SavedRouting {
  readonly accountSid: string;
  readonly sid: string;
  readonly phoneNumber: string;
  readonly before: NumberRouting;
  readonly set: NumberRouting;
}

const NAME = 'number-routing.json';

/** The values that numbers had before the setup, in the working state of the installation; for `--undo`. */
export class RoutingRecord {
  readonly #recordings: string;

  constructor(recordings: string) {
    this.#recordings = recordings;
  }

  get file(): string {
    return path.join(DataDirectory.stateOf(this.#recordings), NAME);
  }

  /** Throws if the file is damaged. */
  read(): SavedRouting[] {
    if (!existsSync(this.file)) return [];
    try {
      return (JSON.parse(readFileSync(this.file, 'utf8')) as { numbers: SavedRouting[] }).numbers;
    } catch (error) {
      throw new Error(`${this.file} is damaged: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Values of an earlier setup are kept, unless the number was changed since: those are what it had before. */
  save(accountSid: string, { sid, phoneNumber, routing }: AccountNumber, set: NumberRouting): void {
    const earlier = this.read().find((each) => each.sid === sid);
    const isOurs = earlier !== undefined && changesBetween(earlier.set, routing).length === 0;
    const before = isOurs ? earlier.before : routing;
    this.#write([
      ...this.read().filter((each) => each.sid !== sid),
      { accountSid, sid, phoneNumber, before, set },
    ]);
  }

  remove(sid: string): void {
    const rest = this.read().filter((each) => each.sid !== sid);
    if (rest.length > 0) this.#write(rest);
    else rmSync(this.file, { force: true });
  }

  #write(numbers: readonly SavedRouting[]): void {
    const { temporary } = new DataDirectory(this.#recordings);
    writeDurably(this.file, temporary, `${JSON.stringify({ version: 1, numbers }, null, 2)}\n`);
  }
}
