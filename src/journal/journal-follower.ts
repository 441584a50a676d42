/** What is being copied of journals. */
export interface ReplicationFigures {
  /** Journals that are being written. */
  readonly calls: number;
  /** Written to the files and not copied yet. */
  readonly backlogBytes: number;
  /** For how long the oldest of that has been waiting. */
  readonly lagMs: number;
  /** Why it is not copied; undefined while copying succeeds. */
  readonly error: string | undefined;
}

/** A journal that is written in this process. */
export interface FollowedJournal {
  readonly callSid: string;
  readonly path: string;
}

/** Copies what is written to journals to a place outside this machine. Nothing waits for it. */
export interface JournalFollower {
  readonly figures: ReplicationFigures;
  /** Resolves when it runs; whether the place answers does not matter. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The file is open. What follows `offset` in it will not be overwritten; what is before it, no process changes. */
  opened(journal: FollowedJournal, offset: number): void;
  /** Records were written to some of the files. */
  wrote(): void;
  /** Nothing more is written. */
  closed(callSid: string): void;
}
