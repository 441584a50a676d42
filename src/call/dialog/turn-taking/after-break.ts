import { CUT_MARK } from '../../playback/heard-text.ts';
import type { AnswererContext } from '../answerer.ts';
import type { QuietLine } from '../quiet-line.ts';

/** What the model is told of a reply that broke off with its machine. */
const GO_ON =
  'The connection was interrupted while you were speaking. Go on where you were interrupted, without a greeting.';

/**
 * Speaks to a caller whose call continues in another process, after the silence of the interruption. Returns whether the model is to
 * reply: the caller was waiting for a reply, or one had broken off. Nothing is said in a call that was handed over between two turns.
 */
export function goesOnAfterBreak(context: AnswererContext, quiet: QuietLine, atMs: number): boolean {
  const { conversation, output } = context;
  const { interruption } = conversation;
  const last = conversation.said(atMs).at(-1);
  const isWaiting = last?.speaker === 'caller' && !interruption.lacksText;
  if (interruption.moved) return isWaiting;
  if (interruption.lacksText) {
    output.sayPrompt('not-understood', atMs);
    return false;
  }
  const isCut = last?.speaker === 'assistant' && last.text.endsWith(CUT_MARK);
  if (isCut) conversation.guidance(GO_ON, atMs);
  if (isCut || isWaiting) output.sayPrompt('filler-1', atMs);
  else quiet.ask(atMs, context);
  return isCut || isWaiting;
}
