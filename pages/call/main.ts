import { html, nothing, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';
import { additions } from './additions.ts';
import { callFacts } from './call-facts.ts';
import { linesView } from './lines.ts';
import { PastCall } from './past-call.ts';
import { playerView } from './player-view.ts';
import { Player } from './player.ts';
import { removal } from './removal.ts';

const callSid = decodeURIComponent(location.pathname.split('/')[2] ?? '');
/** Whoever comes from a search wants to read, and hear, this turn. */
const wantedTurn = new URLSearchParams(location.search).get('turn');

/** The page of one past call. */
class CallPage {
  readonly #call: PastCall;
  readonly #page: Page;
  #player: Player | undefined;
  #shown = false;

  constructor() {
    this.#call = new PastCall(callSid, () => this.#changed());
    this.#page = new Page(() => this.#view());
  }

  #changed(): void {
    const { entry } = this.#call;
    const { audio } = entry?.links ?? {};
    if (entry?.state === 'finished' && audio && !this.#player)
      this.#player = new Player(audio, entry.durationMs ?? 0, this.#page.redraw);
    this.#page.redraw();
    if (entry?.state === 'finished' && !this.#shown) this.#showWanted();
  }

  #showWanted(): void {
    this.#shown = true;
    const turn = this.#call.entry?.turns.find(({ id }) => id === wantedTurn);
    if (!turn) return;
    this.#player?.goTo(turn.startMs);
    this.#page.draw();
    document.getElementById(`line-${turn.id}`)?.scrollIntoView({ block: 'center' });
  }

  #view(): TemplateResult {
    // Drawn while it is being made.
    const call = this.#call as PastCall | undefined;
    const { entry, missing, removed, trouble } = call ?? {};
    if (removed) return removedView(trouble ?? '');
    if (!entry)
      return html`<h1>Call</h1>
        <p role="status">${missing || 'Looking …'}</p>
        ${missing ? html`<p><a href="/calls">To all calls</a></p>` : nothing}`;
    const player = this.#player;
    return html`<p><a href="/calls">All calls</a></p>
      <h1>Call from ${entry.from}</h1>
      ${trouble ? html`<p class="notice wrong" role="alert">${trouble}</p>` : nothing}
      <div class="call-page">
        <section class="card stack all" aria-label="Recording">${playerView(entry, player)}</section>
        <section class="card stack said" aria-labelledby="said">
          <h2 id="said">Transcript</h2>
          ${linesView(entry, player, wantedTurn)}
        </section>
        <div class="stack">
          <section class="card stack" aria-labelledby="about">${callFacts(entry)}</section>
          ${additions(this.#call)} ${removal(this.#call)}
        </div>
      </div>`;
  }
}

function removedView(trouble: string): TemplateResult {
  return html`<h1 tabindex="-1" data-place="delete">Call</h1>
    <p role="status">The call is deleted, with everything that belongs to it.${trouble}</p>
    <p><a href="/calls">To all calls</a></p>`;
}

new CallPage();
