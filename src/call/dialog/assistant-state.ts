import type { ReplyPipeline } from './reply/reply-pipeline.ts';

/** What the assistant does for the caller. The texts that it waits for are in `#awaited`. */
export type AssistantActivity =
  | { readonly kind: 'listening' }
  | { readonly kind: 'collecting-keys'; readonly untilMs: number }
  | { readonly kind: 'replying'; readonly pipeline: ReplyPipeline }
  /** An operator answers, or the line is gone. */
  | { readonly kind: 'away'; readonly keysUntilMs: number | undefined };

/** What the assistant did is suspended; only keys that were pressed are kept. A reply was cancelled before. */
export function suspended(activity: AssistantActivity): AssistantActivity {
  return { kind: 'away', keysUntilMs: activity.kind === 'collecting-keys' ? activity.untilMs : undefined };
}

export function resumed(activity: AssistantActivity): AssistantActivity {
  const untilMs = activity.kind === 'away' ? activity.keysUntilMs : undefined;
  return untilMs === undefined ? { kind: 'listening' } : { kind: 'collecting-keys', untilMs };
}
