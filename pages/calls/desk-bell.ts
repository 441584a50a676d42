import type { DeskCall } from '../../src/desk/desk-messages.ts';
import { Ringer } from './ringer.ts';

const KEPT_AS = 'offhook.ring-aloud';
const KEYS_KEPT_AS = 'offhook.answer-keys';

/** Whether a call rings here. */
export function rings({ bell, declined }: DeskCall): boolean {
  return bell === true && declined === undefined;
}

/** Signals ringing calls to the operator: by sound, in the page title, and by notifications. */
export class DeskBell {
  /** Whether the browser plays the sound; stored in localStorage. */
  aloud = localStorage.getItem(KEPT_AS) !== 'no';
  /** Whether single keys answer and decline; stored in localStorage. */
  keys = localStorage.getItem(KEYS_KEPT_AS) !== 'no';
  readonly #title = document.title;
  readonly #ringer: Ringer;
  readonly #changed: () => void;
  #notified = new Set<string>();
  #ringing: readonly DeskCall[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#ringer = new Ringer(changed);
  }

  /** Call it whenever the list of calls changes. `here`: whether calls may ring on this page. */
  look(calls: Iterable<DeskCall>, here: boolean): void {
    this.#ringing = here ? [...calls].filter(rings) : [];
    const count = this.#ringing.length;
    const title = count > 0 ? `(${count}) Ringing · ${this.#title}` : this.#title;
    if (document.title !== title) document.title = title;
    this.#ringer.ring(this.aloud && count > 0);
    for (const call of this.#ringing) if (!this.#notified.has(call.callSid)) notify(call);
    this.#notified = new Set(this.#ringing.map(({ callSid }) => callSid));
  }

  /** The call that has rung longest. */
  get first(): DeskCall | undefined {
    return this.#ringing[0];
  }

  useKeys(keys: boolean): void {
    this.keys = keys;
    localStorage.setItem(KEYS_KEPT_AS, keys ? 'yes' : 'no');
    this.#changed();
  }

  /** For operators who do not see the list. */
  get words(): string {
    return this.#ringing.map(({ from }) => `A call from \u2068${from}\u2069 is ringing.`).join(' ');
  }

  /** A call rings, but the browser blocks the sound. */
  get silenced(): boolean {
    return this.#ringer.ringing && this.#ringer.silenced;
  }

  ringAloud(aloud: boolean): void {
    this.aloud = aloud;
    localStorage.setItem(KEPT_AS, aloud ? 'yes' : 'no');
    this.#ringer.ring(aloud && this.#ringing.length > 0);
    this.#changed();
  }

  /** Whether the permission for notifications can be requested. */
  get mayAsk(): boolean {
    return 'Notification' in window && Notification.permission === 'default';
  }

  async ask(): Promise<void> {
    await Notification.requestPermission();
    this.#changed();
  }
}

/** Only while the page is hidden. */
function notify({ callSid, from }: DeskCall): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  const shown = new Notification('A call is ringing', { body: from, tag: callSid });
  shown.onclick = () => window.focus();
}
