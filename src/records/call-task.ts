import type { Hold } from './call-entry.ts';

/** What every directory that has something of a call is to do, of whatever machine it is. `hold` without a value releases the hold. */
export type CallTask =
  { readonly kind: 'erase' } | { readonly kind: 'hold'; readonly hold?: Hold | undefined };

/**
 * What became of a task in one directory. `incomplete`: the directory has recorded it and goes on by itself. `held`: the call is on hold
 * there.
 */
export type TaskResult = 'done' | 'incomplete' | 'held';

/** A directory with calls. It outlives the processes that use it. */
export interface CallDirectory {
  readonly id: string;
  /** Of the machine that used it last, for people. */
  readonly name: string;
  /** The id of the machine that used it last. */
  readonly machine: string;
}

/** A task, numbered in the order in which Redis got the tasks. */
export interface NumberedTask {
  readonly callSid: string;
  readonly number: string;
  readonly task: CallTask;
}

/** `absent`: Redis has lost the task, or the directory's list was full. `superseded`: a later task about the same call is there. */
export type TaskState = 'waiting' | 'absent' | 'superseded' | TaskResult;
