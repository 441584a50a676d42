import type { ConversationTurn } from '../../ports.ts';
import type { AnswererContext, AnswererSettings } from '../answerer.ts';
import { OneSidedLine } from './one-sided-line.ts';
import { RepeatedTexts } from './repeated-texts.ts';

/** After the last word of a mutual farewell, a caller who wants something else has this long to say so. */
const FAREWELL_MS = 800;

/** Ends calls that the caller does not end: after a mutual farewell, with a machine, and with a line on which only noise is heard. */
export class CallTermination {
  readonly #context: AnswererContext;
  readonly #repeated = new RepeatedTexts();
  readonly #oneSided = new OneSidedLine();
  /** The length of the utterance that the reply in progress answers. */
  #spokenMs = 0;
  /** A reply was sent completely. `quietSinceMs`: when it had been heard. */
  #reply: { readonly spokenMs: number; quietSinceMs?: number; isFarewell?: boolean } | undefined;

  constructor(context: AnswererContext) {
    this.#context = context;
  }

  /** The caller speaks, over the reply or after it. */
  callerStarted(): void {
    this.#reply = undefined;
  }

  /** A person is there: the caller pressed a key, or an operator talked with the caller. */
  personPresent(): void {
    this.#reply = undefined;
    this.#oneSided.personDetected();
  }

  utterance(spokenMs: number): void {
    this.#spokenMs = spokenMs;
  }

  /** True if the text shows that the caller is a machine; the call is being ended then. */
  text(text: string, atMs: number): boolean {
    if (!this.#repeated.add(text)) return false;
    this.#end('the caller repeats one text', atMs);
    return true;
  }

  /** The rest of an interrupted reply is sent: it answers no utterance. */
  replyContinued(): void {
    this.#spokenMs = Infinity;
  }

  replySent(): void {
    this.#reply = { spokenMs: this.#spokenMs };
  }

  tick(atMs: number): void {
    const { output, control, settings } = this.#context;
    const callerSpeaks = control.callerSpeaks();
    if (callerSpeaks) this.#oneSided.sound(atMs);
    if (!callerSpeaks && !output.audible(atMs)) this.#quiet(atMs);
    const due = this.#oneSided.due(atMs, settings.oneSidedMs);
    if (due === 'goodbye') this.#end('only noise is heard', atMs);
    else if (due) output.sayPrompt(due, atMs);
  }

  /** Nobody speaks. */
  #quiet(atMs: number): void {
    const reply = this.#reply;
    if (!reply) return;
    if (reply.quietSinceMs === undefined) {
      reply.quietSinceMs = atMs;
      const { conversation, settings } = this.#context;
      reply.isFarewell = isMutualFarewell(conversation.said(atMs), settings);
      this.#oneSided.replyHeard(reply.spokenMs);
    }
    if (!reply.isFarewell || atMs - reply.quietSinceMs < FAREWELL_MS) return;
    this.#reply = undefined;
    this.#context.control.hangUp('farewell', atMs);
  }

  #end(reason: string, atMs: number): void {
    this.#context.output.sayPrompt('goodbye', atMs);
    this.#context.control.hangUp(reason, atMs);
  }
}

/** True if the last words of both sides are farewells. The caller's may have been said in several utterances. Words of assent during ours are ignored. */
function isMutualFarewell(said: readonly ConversationTurn[], { rules, language }: AnswererSettings): boolean {
  const isAssent = (text: string): boolean => rules.assent.matches(text, language);
  const all = said.filter(({ speaker }) => speaker !== 'guidance');
  const last = all.findLastIndex(({ speaker, text }) => speaker !== 'caller' || !isAssent(text));
  const spoken = all.slice(0, last + 1);
  const lastOf = (speaker: ConversationTurn['speaker']): string => {
    const to = spoken.findLastIndex((turn) => turn.speaker === speaker) + 1;
    const from = spoken.slice(0, to).findLastIndex((turn) => turn.speaker !== speaker) + 1;
    return spoken
      .slice(from, to)
      .map(({ text }) => text)
      .join('. ');
  };
  return rules.farewells.end(lastOf('caller')) && rules.farewells.end(lastOf('assistant'));
}
