import type { TalkSettings } from '../../events/call-settings.ts';
import type { AnswererContext } from './answerer.ts';

/** Time in which neither side speaks: when to ask whether the caller is still there, and when to say goodbye. */
export class QuietLine {
  #sinceMs = 0;
  #askedStillThere = false;

  /** Someone speaks, or the caller is expected to: the time counts from now. */
  restart(atMs: number): void {
    this.#sinceMs = atMs;
  }

  /** The caller did something: the question is asked again after the next silence. */
  callerActive(atMs: number): void {
    this.#sinceMs = atMs;
    this.#askedStillThere = false;
  }

  /** Asks now whether the caller is still there, unless that is never asked. */
  ask(atMs: number, { output, settings }: AnswererContext): void {
    if (settings.stillThereAfterMs === 0) return;
    this.#sinceMs = atMs;
    this.#askedStillThere = true;
    output.sayPrompt('still-there', atMs);
  }

  /** Neither side speaks and nothing is pending: asks whether the caller is still there, then says goodbye. */
  breakSilence(atMs: number, { output, settings, control }: AnswererContext): void {
    const due = this.#due(atMs, settings);
    if (due) output.sayPrompt(due, atMs);
    if (due === 'goodbye') control.hangUp('silence', atMs);
  }

  /** What to say now. `stillThereAfterMs` 0: nothing is ever said. */
  #due(
    atMs: number,
    { stillThereAfterMs, goodbyeAfterMs }: Pick<TalkSettings, 'stillThereAfterMs' | 'goodbyeAfterMs'>,
  ): 'still-there' | 'goodbye' | undefined {
    if (stillThereAfterMs === 0) return undefined;
    const quietMs = atMs - this.#sinceMs;
    if (this.#askedStillThere) return quietMs >= goodbyeAfterMs ? 'goodbye' : undefined;
    if (quietMs < stillThereAfterMs) return undefined;
    this.#askedStillThere = true;
    return 'still-there';
  }
}
