import type { Call } from './call/call.ts';
import type { OverCall } from './call/calls.ts';
import type { History, Identity } from './call/call.ts';
import type { CallEvent } from './call/events.ts';
import type { Services } from './call/ports.ts';
import { FinishPool } from './installation/finish-pool.ts';
import { Folders, type FoundJournal } from './installation/folders.ts';
import { Journals, type DiskJournal } from './installation/journals.ts';
import { Owner } from './installation/owner.ts';
import type { Log } from './log.ts';
import { readCase } from './recording/case-file.ts';
import { Finisher, type FinishNews } from './recording/finisher.ts';
import type { Settings } from './settings.ts';

/** A kill costs at most twice this much of what had been read. */
const FLUSH_EVERY_MS = 100;
/** A power cut costs at most this much more. */
const SYNC_EVERY_MS = 500;
/** How often calls of processes that have died meanwhile are looked for. */
const LOOK_FOR_DEAD_EVERY_MS = 30_000;

export interface BackOfficeParts {
  readonly settings: Settings;
  readonly services: Services;
  readonly log: Log;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
  readonly finished?: (news: FinishNews) => void;
}

/** A call that a dead process left unfinished and whose caller may still be there. */
export type TakeUp = (identity: Identity, journal: DiskJournal, history: History) => void;

/** What happens to calls on disk: their journals while they last, their files when they are over, the dead's calls. */
export class BackOffice {
  readonly folders: Folders;
  readonly journals: Journals;
  readonly finisher: Finisher;
  readonly #parts: BackOfficeParts;
  readonly #owner: Owner;
  readonly #pool: FinishPool;
  readonly #finishing = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(parts: BackOfficeParts) {
    const { settings, log } = parts;
    this.#parts = parts;
    this.folders = new Folders(settings.recording.directory);
    this.#owner = new Owner(this.folders.owners);
    this.journals = new Journals(this.folders, parts.now);
    this.#pool = new FinishPool();
    this.finisher = new Finisher({
      worker: this.#pool,
      services: parts.services,
      settings: {
        ...settings.recording,
        directory: this.folders.recordings,
        aside: this.folders.aside,
        finishWaitMs: settings.limits.finishWaitMs,
        pendingDays: settings.limits.pendingDays,
        keepJournals: settings.keepJournals,
      },
      now: parts.now,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      told: (news) => {
        if (news.kind === 'finished') {
          log.info(
            { callSid: news.callSid, tookMs: Math.round(news.tookMs), pending: news.files.json.pending },
            'call finished',
          );
        } else
          log.warn(
            { callSid: news.callSid, doing: news.doing, err: news.error },
            'finishing had trouble and goes on',
          );
        parts.finished?.(news);
      },
    });
  }

  /** From now on other processes see that this one lives. */
  async begin(): Promise<void> {
    await this.#owner.begin();
    this.#every(FLUSH_EVERY_MS, () => this.journals.flush());
    this.#every(SYNC_EVERY_MS, () => this.journals.sync());
  }

  /** Calls of dead processes: those that were over are finished, the others handed to `takeUp`. Now and from time to time. */
  async lookAfterTheDead(takeUp: TakeUp): Promise<void> {
    await this.#owner.tidy();
    await this.#takeDeadJournals(takeUp);
    this.#every(LOOK_FOR_DEAD_EVERY_MS, () => void this.#takeDeadJournals(takeUp));
  }

  /** `watch` is told of every event that is written. */
  openJournal(callSid: string, watch?: (event: CallEvent) => void): DiskJournal {
    const journal = this.journals.create(callSid, this.#owner.id);
    if (watch) journal.onEvent = watch;
    return journal;
  }

  /** Whether a call's files are there or being made. */
  isFinished(callSid: string): boolean {
    return this.#finishing.has(callSid) || readCase(this.folders.recordings, callSid) !== undefined;
  }

  /** Makes the files of a call that is over. Resolves when they are there. */
  async finish(over: OverCall<DiskJournal>): Promise<void> {
    const { callSid, journal, leftOver } = over;
    const call: Pick<Call, 'awaitedTexts' | 'giveUpTexts'> | undefined = over.call;
    this.#finishing.add(callSid);
    await this.finisher.finish({
      callSid,
      journal,
      awaitedTexts: () => call?.awaitedTexts ?? 0,
      giveUpTexts: () => call?.giveUpTexts(),
      leftOver: (turn) => leftOver.get(turn),
    });
    this.#finishing.delete(callSid);
  }

  get finishing(): number {
    return this.#finishing.size;
  }

  async end(): Promise<void> {
    await this.finisher.stop();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#pool.end(), this.journals.end()]);
    this.#owner.end();
  }

  async #takeDeadJournals(takeUp: TakeUp): Promise<void> {
    for (const found of this.folders.journalsFound()) {
      if (await this.#owner.lives(found.owner)) continue;
      await this.#takeUp(found, takeUp).catch((error: unknown) => {
        this.#parts.log.error({ callSid: found.callSid, err: error }, 'a journal could not be taken up');
      });
    }
  }

  async #takeUp(found: FoundJournal, takeUp: TakeUp): Promise<void> {
    const path = this.folders.claim(found, this.#owner.id);
    if (path === undefined) return;
    const { callSid } = found;
    const state = await this.#pool.state(path);
    const journal = this.journals.takeUp(path, callSid);
    if (!state) {
      this.#parts.log.warn({ callSid }, 'a journal holds no call and is put aside');
      await journal.close('kept');
      return;
    }
    const history = state.endReason === undefined ? await this.#pool.history(path) : undefined;
    this.#parts.log.info({ callSid, over: history === undefined }, 'took up a call that was left behind');
    if (history) {
      takeUp({ callSid, from: state.from, to: state.to }, journal, history);
      return;
    }
    if (state.endReason === undefined)
      journal.append({ kind: 'end', atMs: state.endedAtMs, reason: 'interrupted' });
    void this.finish({ callSid, journal, call: undefined, leftOver: new Map() });
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }
}
