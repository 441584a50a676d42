import type { ReplyPipeline } from './reply-pipeline.ts';

/**
 * The greeting of this process. `preparing`: waiting for the synthesised one. `over`: heard to its end or interrupted, or
 * not needed any more.
 */
export type Greeting =
  | { readonly kind: 'none' }
  | { readonly kind: 'preparing'; readonly sinceMs: number }
  | { readonly kind: 'playing' }
  | { readonly kind: 'over' };

/** What the assistant does for the caller. The texts that it waits for are in `#awaited`. */
export type AssistantActivity =
  | { readonly kind: 'listening' }
  | { readonly kind: 'collecting-keys'; readonly untilMs: number }
  | { readonly kind: 'replying'; readonly pipeline: ReplyPipeline }
  /** An operator answers, or the line is gone. */
  | { readonly kind: 'away'; readonly keysUntilMs: number | undefined };
