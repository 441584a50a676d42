import { askServer, isTemporary, sentenceFor } from '../frame/ask-server.ts';
import { LookAgain } from '../frame/look-again.ts';
import { addressOf, renameRecording, type SavedRecording } from '../sound/save-recording.ts';

/**
 * The number of entries shown initially and added by More: players for thousands of entries would take a browser many
 * seconds.
 */
const SHOWN_AT_ONCE = 50;

/** What the user is about to do with one recording. */
interface Intention {
  readonly name: string;
  readonly what: 'delete' | 'rename';
}

/** The list of microphone recordings, and the actions on them. */
export class RecordingList {
  /** Undefined until it is loaded. */
  recordings: readonly SavedRecording[] | undefined;
  /** Why the list could not be loaded. */
  problem: string | undefined;
  /** Why an action on a recording was refused. */
  refusal: { readonly name: string; readonly sentence: string } | undefined;
  news = '';
  intention: Intention | undefined;
  #shown = SHOWN_AT_ONCE;
  readonly #lookAgain = new LookAgain(() => void this.load());
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get shown(): readonly SavedRecording[] {
    return (this.recordings ?? []).slice(0, this.#shown);
  }

  /** Whether a transcript is pending. */
  get waiting(): boolean {
    return this.recordings?.some(({ transcription }) => transcription === 'pending') ?? false;
  }

  /** The number of entries that More would show. */
  get left(): number {
    return Math.max(0, (this.recordings?.length ?? 0) - this.#shown);
  }

  more(): void {
    this.#shown += SHOWN_AT_ONCE;
    this.#changed();
  }

  /** Shows as many entries as it takes for this one to be among them. */
  show(name: string): void {
    const place = (this.recordings ?? []).findIndex((one) => one.name === name);
    this.#shown = Math.max(this.#shown, place + 1);
    this.#changed();
  }

  intend(intention: Intention | undefined): void {
    this.intention = intention;
    this.refusal = undefined;
    this.#changed();
  }

  /** The list is hidden: it is not loaded again. */
  stop(): void {
    this.#lookAgain.stop();
  }

  async load(): Promise<void> {
    try {
      const { recordings } = await askServer<{ recordings: readonly SavedRecording[] }>('/list_recordings');
      this.recordings = recordings;
      this.problem = undefined;
      this.#lookAgain.after(this.waiting);
    } catch (error) {
      this.problem = sentenceFor(error);
      this.#lookAgain.afterFailure(isTemporary(error));
    }
    this.#changed();
  }

  async remove(name: string): Promise<void> {
    await this.#do(name, async () => {
      await askServer(addressOf({ name }), { method: 'DELETE' });
      this.news = `${name} has been deleted.`;
    });
  }

  /** `stem`: the new name without `.wav`. */
  async rename(name: string, stem: string): Promise<void> {
    const newName = /\.wav$/iu.test(stem) ? stem : `${stem}.wav`;
    if (newName === name) {
      this.intend(undefined);
      return;
    }
    await this.#do(name, async () => {
      await renameRecording({ name }, newName);
      this.news = `${name} is now ${newName}.`;
    });
  }

  async #do(name: string, work: () => Promise<void>): Promise<void> {
    this.refusal = undefined;
    try {
      await work();
      this.intention = undefined;
    } catch (error) {
      this.refusal = { name, sentence: sentenceFor(error) };
      if (this.intention?.what === 'delete') this.intention = undefined;
    }
    await this.load();
  }
}
