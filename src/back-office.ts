import type { Call } from './call/call.ts';
import { CallCatalogue } from './call-catalogue.ts';
import type { OverCall } from './call/calls.ts';
import type { History, Identity } from './call/call-parts.ts';
import type { CallEvent } from './call/events.ts';
import type { HeardPiece } from './call/playback.ts';
import type { Services } from './call/ports.ts';
import { DeadCalls } from './dead-calls.ts';
import { FinishPool } from './installation/finish-pool.ts';
import { Folders, type FoundJournal } from './installation/folders.ts';
import { JournalAlarm } from './installation/journal-alarm.ts';
import type { DiskJournal } from './installation/disk-journal.ts';
import { Journals } from './installation/journals.ts';
import { Owner } from './installation/owner.ts';
import { makeDepositor, takeUnstored } from './deposits.ts';
import { interrupt, LeftBehind } from './left-behind.ts';
import type { Log } from './log.ts';
import { readCase } from './recording/case-file.ts';
import type { Catalogue } from './recording/catalogue.ts';
import type { Depositor } from './recording/depositor.ts';
import type { FileStore } from './recording/file-store.ts';
import { Finisher, type FinishNews } from './recording/finisher.ts';
import type { LiveChanges } from './recording/live-entry.ts';
import type { Settings } from './settings.ts';

/** A kill costs at most twice this much of what had been read. */
const FLUSH_EVERY_MS = 100;
/** A power cut costs at most this much more. */
const SYNC_EVERY_MS = 500;
/** How often calls of processes that have died meanwhile are looked for. */
const LOOK_FOR_DEAD_EVERY_MS = 30_000;
/** How often calls that wait for a service are looked at: they may have become too old to wait on. */
const LOOK_FOR_OLD_EVERY_MS = 3_600_000;
/** A call of a dead process is over when nobody has come for it by then. */
const CALLER_GONE_MS = 30_000;
/** Calls that are finished at the same time where nothing else is done: the services take most of it. */
const FINISHED_AT_ONCE = 4;
const DAY_MS = 86_400_000;

export interface BackOfficeParts {
  readonly settings: Settings;
  readonly services: Services;
  readonly log: Log;
  /** Monotonic, epoch milliseconds. */
  readonly now: () => number;
  readonly finished?: (news: FinishNews) => void;
  /** Where finished files go; absent: they stay in the folder. */
  readonly store?: FileStore;
  readonly catalogue?: Catalogue;
  /** What was heard of a piece of a live call, in call time. */
  readonly heard?: (callSid: string, piece: number, atMs: number) => HeardPiece | undefined;
  /** Told of what has changed of a live call. */
  readonly changed?: (callSid: string, changes: LiveChanges) => void;
}

/** A call that a dead process left unfinished and whose caller may still be there. */
export type TakeUp = (identity: Identity, journal: DiskJournal, history: History) => boolean;

/** What happens to calls on disk: their journals while they last, their files when they are over, the dead's calls. */
export class BackOffice {
  readonly folders: Folders;
  readonly journals: Journals;
  readonly finisher: Finisher;
  readonly #parts: BackOfficeParts;
  readonly #owner: Owner;
  readonly #pool: FinishPool;
  readonly #leftBehind: LeftBehind;
  readonly #depositor: Depositor | undefined;
  readonly #catalogue: CallCatalogue | undefined;
  readonly #alarm = new JournalAlarm();
  readonly #finishing = new Set<string>();
  #deadCalls: DeadCalls | undefined;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(parts: BackOfficeParts) {
    const { settings, log } = parts;
    this.#parts = parts;
    this.folders = new Folders(settings.recording.directory);
    this.#owner = new Owner(this.folders.owners);
    this.journals = new Journals(this.folders, parts.now);
    this.#pool = new FinishPool();
    const { folders, journals } = this;
    this.#leftBehind = new LeftBehind({ folders, journals, owner: this.#owner, worker: this.#pool, log });
    this.#catalogue = this.#makeCatalogue();
    this.finisher = new Finisher({
      worker: this.#pool,
      services: parts.services,
      settings: {
        ...settings.recording,
        directory: this.folders.recordings,
        aside: this.folders.aside,
        marks: this.folders.marks,
        ...(parts.store && { store: parts.store.url }),
        language: settings.language,
        finishWaitMs: settings.limits.finishWaitMs,
        pendingDays: settings.limits.pendingDays,
        keepJournals: settings.keepJournals,
      },
      now: parts.now,
      sleep,
      told: (news) => {
        if (news.kind === 'finished') {
          this.#depositor?.deposit(news.callSid);
          log.info(
            { callSid: news.callSid, tookMs: Math.round(news.tookMs), pending: news.files.json.pending },
            'call finished',
          );
          this.#catalogue?.finished(news.callSid);
        } else
          log.warn(
            { callSid: news.callSid, doing: news.doing, err: news.error },
            'finishing had trouble and goes on',
          );
        parts.finished?.(news);
      },
    });
    this.#depositor = parts.store && makeDepositor(parts.store, this.folders, parts);
  }

  /** From now on other processes see that this one lives. */
  async begin(): Promise<void> {
    await Promise.all([this.#owner.begin(), this.journals.begin()]);
    this.#catalogue?.begin();
    this.#every(FLUSH_EVERY_MS, () => {
      this.journals.flush();
      this.#lookAtTheDisk();
    });
    this.#every(SYNC_EVERY_MS, () => this.journals.sync());
  }

  /**
   * Calls of dead processes: those that were over are finished, the others handed to `takeUp`. Now and from time to time.
   * Resolves when every call that may go on is known; files are made after that.
   */
  async lookAfterTheDead(takeUp: TakeUp): Promise<void> {
    const dead = this.#makeDeadCalls(takeUp);
    this.#deadCalls = dead;
    await this.#owner.tidy();
    this.folders.tidy(this.#parts.now());
    await dead.takeAll();
    this.#catalogue?.enterLeftOver(this.#unfinished());
    this.#every(LOOK_FOR_DEAD_EVERY_MS, () => void dead.takeAll());
    void this.#takeWaitingJournals();
    void this.#takeUnstored();
    this.#every(LOOK_FOR_OLD_EVERY_MS, () => void this.#takeWaitingJournals());
  }

  /** As `DeadCalls.settle`; undefined too where dead processes' calls are none of ours. */
  settle(callSid: string): Promise<boolean> | undefined {
    return this.#deadCalls?.settle(callSid);
  }

  /**
   * Finishes all that no living process holds, without serving; resolves with how many calls still lack something.
   * Calls that were live are left alone until nobody has been on their line for 30 s.
   */
  async finishLeftBehind(): Promise<number> {
    const found = [...(await this.#leftBehind.dead()), ...this.#worthAnotherTry()].values();
    await Promise.all(
      Array.from({ length: FINISHED_AT_ONCE }, async () => {
        for (const one of found) await this.#finishFound(one);
      }),
    );
    await this.finisher.stop();
    await this.#takeUnstored();
    const unstored = (await this.#depositor?.tried()) ?? 0;
    const unheld = this.folders.journalsFound().filter(({ owner }) => owner === this.#owner.id);
    const waiting = (await this.#leftBehind.dead()).length + this.folders.waitingFound().length;
    return unheld.length + waiting + unstored;
  }

  /** `watch` is told of every event that is written. */
  openJournal(callSid: string, watch?: (event: CallEvent) => void): DiskJournal {
    const journal = this.journals.create(callSid, this.#owner.id);
    const catalogued = this.#catalogue?.watch(callSid);
    journal.onEvent = (event) => {
      watch?.(event);
      catalogued?.(event);
    };
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

  /** Finished calls whose files are not in the store yet. */
  get unstored(): number {
    return this.#depositor?.waiting ?? 0;
  }

  async end(): Promise<void> {
    await this.finisher.stop();
    await this.#depositor?.stop();
    this.#parts.store?.close();
    await this.#catalogue?.end();
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([this.#pool.end(), this.journals.end()]);
    this.#owner.end();
  }

  #makeDeadCalls(takeUp: TakeUp): DeadCalls {
    return new DeadCalls({
      leftBehind: this.#leftBehind,
      over: (callSid) => void this.#finishing.add(callSid),
      finish: (call) => void this.finish(call),
      goOn: ({ identity, journal, history }) => {
        if (!takeUp(identity, journal, history)) {
          void journal.close('pending');
          return;
        }
        const watch = this.#catalogue?.watch(identity.callSid, { identity, history });
        if (watch) journal.onEvent = watch;
      },
    });
  }

  async #takeUnstored(): Promise<void> {
    const { store, log } = this.#parts;
    if (store && this.#depositor) await takeUnstored(store, this.#depositor, log);
  }

  async #takeWaitingJournals(): Promise<void> {
    for (const found of this.#worthAnotherTry()) {
      const taken = await this.#leftBehind.takeUp(found);
      if (taken?.kind === 'over') await this.finish(taken.call);
    }
  }

  /** Of the waiting ones: those that a service here can help, and those that have waited long enough. */
  #worthAnotherTry(): FoundJournal[] {
    const { services, settings, now } = this.#parts;
    const waiting = this.folders.waitingFound();
    if (services.transcriber) return waiting;
    const tooOldMs = now() - settings.limits.pendingDays * DAY_MS;
    return waiting.filter((found) => (this.folders.writtenAtMs(found) ?? Infinity) < tooOldMs);
  }

  async #finishFound(found: FoundJournal): Promise<void> {
    const state =
      found.owner === undefined ? undefined : await this.#pool.state(found.path).catch(() => undefined);
    const writtenAtMs = this.folders.writtenAtMs(found) ?? 0;
    const callerMayComeMs = writtenAtMs + CALLER_GONE_MS - this.#parts.now();
    if (state && state.endReason === undefined && callerMayComeMs > 0) {
      this.#parts.log.info(
        { callSid: found.callSid, waitMs: Math.round(callerMayComeMs) },
        'its caller may still be there',
      );
      await sleep(callerMayComeMs);
      if (this.folders.writtenAtMs(found) !== writtenAtMs) return;
    }
    const taken = await this.#leftBehind.takeUp(found);
    if (!taken) return;
    if (taken.kind === 'over') return this.finish(taken.call);
    interrupt(taken.journal, taken.history.zeroAtMs + taken.history.endMs);
    const { callSid } = taken.identity;
    return this.finish({ callSid, journal: taken.journal, call: undefined, leftOver: new Map() });
  }

  /** Calls that some process is still to finish. */
  #unfinished(): ReadonlySet<string> {
    const { folders } = this;
    return new Set([...folders.journalsFound(), ...folders.waitingFound()].map(({ callSid }) => callSid));
  }

  #makeCatalogue(): CallCatalogue | undefined {
    const { catalogue, log, now, heard = () => undefined, changed } = this.#parts;
    const { folders } = this;
    if (!catalogue) return undefined;
    return new CallCatalogue({
      ...{ catalogue, folders, pool: this.#pool, log, now, heard },
      ...(changed && { changed }),
    });
  }

  #lookAtTheDisk(): void {
    const { figures } = this.journals;
    const news = this.#alarm.look(figures);
    if (news === 'raised') this.#parts.log.error(figures, 'the disk does not keep up with the journals');
    if (news === 'over') this.#parts.log.info(figures, 'the disk keeps up with the journals again');
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
