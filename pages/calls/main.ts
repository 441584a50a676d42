import { html, nothing, type TemplateResult } from 'lit';
import type { ToDesk } from '../../src/desk/desk-messages.ts';
import { askServer } from '../frame/ask-server.ts';
import { Page } from '../frame/page.ts';
import { SoundTest } from '../sound/sound-test.ts';
import { soundTestView } from '../sound/sound-test-view.ts';
import { bellView } from './bell-view.ts';
import { filterFrom } from './call-filter.ts';
import { DeskBell } from './desk-bell.ts';
import { DeskLink } from './desk-link.ts';
import { liveList } from './live-list.ts';
import { openCallView } from './open-call-view.ts';
import { OpenCall } from './open-call.ts';
import { pastCallsView } from './past-calls-view.ts';
import { PastCalls } from './past-calls.ts';

const CLOCK_EVERY_MS = 1_000;
const address = new URLSearchParams(location.search);

/** The desk: live calls, the open call, and past calls. */
class DeskPage {
  readonly #link: DeskLink;
  readonly #bell: DeskBell;
  readonly #past: PastCalls;
  readonly #page: Page;
  readonly #soundTest: SoundTest;
  #formats: readonly string[] = [];
  #available = true;
  #problem = '';
  /** Call → why an action on its card was refused. */
  readonly #problems = new Map<string, string>();
  #opened: OpenCall | undefined;

  constructor() {
    const redraw = (): void => this.#page?.redraw();
    this.#bell = new DeskBell(redraw);
    this.#soundTest = new SoundTest(redraw);
    const changed = (): void => {
      this.#lookAtBell();
      redraw();
    };
    this.#link = new DeskLink({
      changed,
      sound: (message) => this.#opened?.sound(message),
      cut: (callSid) => this.#opened?.cut(callSid),
      gone: (callSid) => this.#gone(callSid),
      refused: (message) => this.#refused(message),
      arrived: () => this.#arrived(),
    });
    this.#past = new PastCalls(filterFrom(address), redraw);
    this.#page = new Page(() => this.#view());
    setInterval(() => this.#link.calls.size > 0 && redraw(), CLOCK_EVERY_MS);
    addEventListener('keydown', (event) => this.#pressed(event));
    void this.#askFormats();
    const asked = address.get('call');
    if (asked !== null) this.#open(asked);
  }

  /** A refusal is shown beside the control that asked. */
  #refused(refusal: Extract<ToDesk, { type: 'error' }>): void {
    const { about, callSid, message } = refusal;
    if (callSid !== undefined && (about === 'setFormat' || about === 'decline'))
      this.#problems.set(callSid, message);
    else if (callSid !== undefined && this.#opened?.callSid === callSid) this.#opened.refused(refusal);
    else this.#problem = message;
  }

  #answer(callSid: string): void {
    this.#problems.delete(callSid);
    this.#open(callSid);
    void this.#opened?.takeOver();
  }

  #decline(callSid: string): void {
    this.#problems.delete(callSid);
    this.#link.say({ type: 'decline', callSid });
  }

  /** Single keys, unless a field has the focus. */
  #pressed(event: KeyboardEvent): void {
    const { first, keys } = this.#bell;
    const modified = event.ctrlKey || event.altKey || event.metaKey || event.repeat;
    if (!keys || !first || modified || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key === 'a') this.#answer(first.callSid);
    else if (key === 'd') this.#decline(first.callSid);
  }

  #lookAtBell(): void {
    this.#bell.look(this.#link?.calls.values() ?? [], this.#available && this.#link.connected);
  }

  async #askFormats(): Promise<void> {
    const { formats } = await askServer<{ formats: readonly { name: string }[] }>('/audio/formats');
    this.#formats = formats.map(({ name }) => name);
    this.#page.redraw();
  }

  #arrived(): void {
    this.#link.say({ type: 'available', available: this.#available });
    this.#opened?.arrived();
  }

  #open(callSid: string): void {
    if (this.#opened?.callSid === callSid) return;
    this.#close();
    this.#opened = new OpenCall(callSid, this.#link, () => this.#page.redraw());
    this.#page.redraw();
    requestAnimationFrame(() => document.getElementById('opened')?.focus());
  }

  #close(): void {
    this.#opened?.close();
    if (this.#opened) this.#link.turns.delete(this.#opened.callSid);
    this.#opened = undefined;
    this.#problem = '';
    this.#page.redraw();
  }

  #gone(callSid: string): void {
    if (this.#opened?.callSid === callSid) this.#opened.gone();
    else this.#link.turns.delete(callSid);
    this.#problems.delete(callSid);
    this.#past.callEnded();
  }

  #view(): TemplateResult {
    const { words, connected } = this.#link;
    const opened = this.#opened;
    return html`<h1>Calls</h1>
      <div class="stack">
        <div class="desk ${opened ? 'opened' : ''}">
          <section class="stack" aria-labelledby="live">
            <div class="row">
              <h2 id="live">Live</h2>
              <span class="small faint" role="status" aria-label="The desk"> ${words} </span>
              <label class="row small">
                <input type="checkbox" .checked=${this.#available} @change=${this.#setAvailable} />
                Calls may ring here
              </label>
            </div>
            ${bellView(this.#bell)}
            ${this.#problem ? html`<p class="notice wrong" role="alert">${this.#problem}</p>` : nothing}
            ${liveList({
              calls: [...this.#link.calls.values()],
              formats: this.#formats,
              opened: opened?.callSid,
              open: (callSid) => this.#open(callSid),
              setFormat: (callSid, format) => {
                this.#problems.delete(callSid);
                this.#link.say({ type: 'setFormat', callSid, format });
              },
              answer: (callSid) => this.#answer(callSid),
              decline: (callSid) => this.#decline(callSid),
              keys: this.#bell.keys,
              problems: this.#problems,
            })}
            <details>
              <summary>Test your microphone</summary>
              <div class="card stack">${soundTestView(this.#soundTest, !opened?.speaking)}</div>
            </details>
          </section>
          ${
            opened
              ? openCallView({
                  ...{ opened, connected },
                  turns: this.#link.turnsOf(opened.callSid),
                  close: () => this.#close(),
                })
              : nothing
          }
        </div>
        ${pastCallsView(this.#past)}
      </div>`;
  }

  readonly #setAvailable = (event: Event): void => {
    this.#available = (event.target as HTMLInputElement).checked;
    this.#link.say({ type: 'available', available: this.#available });
    this.#lookAtBell();
    this.#page.redraw();
  };
}

/** Whether keys are text for the focused control. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input:not([type=checkbox]), textarea, select, dialog') !== null
  );
}

new DeskPage();
