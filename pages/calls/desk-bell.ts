import type { DeskCall } from '../../src/desk/desk-messages.ts';
import { Ringer } from './ringer.ts';

const KEPT_AS = 'offhook.ring-aloud';

/** Tells whoever is at the desk that calls ring there: by sound, in the page's title, and beside the page. */
export class DeskBell {
  /** Asked for on this browser; remembered. */
  aloud = localStorage.getItem(KEPT_AS) !== 'no';
  readonly #title = document.title;
  readonly #ringer: Ringer;
  readonly #changed: () => void;
  #told = new Set<string>();
  #ringing: readonly DeskCall[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#ringer = new Ringer(changed);
  }

  /** To be called whenever calls have changed. `here`: whether calls may ring here. */
  look(calls: Iterable<DeskCall>, here: boolean): void {
    this.#ringing = here ? [...calls].filter(({ bell }) => bell) : [];
    const count = this.#ringing.length;
    document.title = count > 0 ? `(${count}) Ringing · ${this.#title}` : this.#title;
    this.#ringer.ring(this.aloud && count > 0);
    for (const call of this.#ringing) if (!this.#told.has(call.callSid)) notify(call);
    this.#told = new Set(this.#ringing.map(({ callSid }) => callSid));
  }

  /** For who does not see the list. */
  get words(): string {
    return this.#ringing.map(({ from }) => `A call from ${from} is ringing.`).join(' ');
  }

  /** It rings, and the browser does not let it be heard. */
  get silenced(): boolean {
    return this.#ringer.ringing && this.#ringer.silenced;
  }

  ringAloud(aloud: boolean): void {
    this.aloud = aloud;
    localStorage.setItem(KEPT_AS, aloud ? 'yes' : 'no');
    this.#ringer.ring(aloud && this.#ringing.length > 0);
    this.#changed();
  }

  /** Whether somebody can still be asked about notifications. */
  get mayAsk(): boolean {
    return 'Notification' in window && Notification.permission === 'default';
  }

  async ask(): Promise<void> {
    await Notification.requestPermission();
    this.#changed();
  }
}

/** Only for who does not look at the page. */
function notify({ callSid, from }: DeskCall): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification('A call is ringing', { body: from, tag: callSid });
  shown.onclick = () => window.focus();
}
