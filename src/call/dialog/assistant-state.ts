import type { ReplyPipeline } from './reply-pipeline.ts';

/** What the assistant does for the caller. The texts that it waits for are in `#awaited`. */
export type AssistantActivity =
  | { readonly kind: 'listening' }
  | { readonly kind: 'collecting-keys'; readonly untilMs: number }
  | { readonly kind: 'replying'; readonly pipeline: ReplyPipeline }
  /** An operator answers, or the line is gone. */
  | { readonly kind: 'away'; readonly keysUntilMs: number | undefined };
