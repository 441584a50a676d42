import { html, nothing, type TemplateResult } from 'lit';
import { Page } from '../frame/page.ts';
import { additions } from './additions.ts';
import { callFacts } from './call-facts.ts';
import { linesView } from './lines.ts';
import { PastCall } from './past-call.ts';
import { playerView } from './player-view.ts';
import { Player } from './player.ts';
import { removal } from './removal.ts';
import { at, here } from '../frame/root.ts';

const callSid = decodeURIComponent(here().split('/')[2] ?? '');
/** A link from a search names a turn to show and play. */
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
      this.#player = new Player(at(audio), entry.durationMs ?? 0, this.#page.redraw);
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
    // The button is shown while the export is being made.
    const call = this.#call as PastCall | undefined;
    const { entry, missing, removed } = call ?? {};
    if (removed) return removedView();
    if (!entry)
      return html`<h1>Call</h1>
        <p role="status">${missing || 'Loading …'}</p>
        ${missing ? html`<p><a href=${at('/calls')}>All calls</a></p>` : nothing}`;
    const player = this.#player;
    return html`<p><a href=${at('/calls')}>All calls</a></p>
      <h1>Call from <bdi>${entry.from}</bdi></h1>
      <div class="call-page">
        <section class="card stack all" aria-label="Recording">${playerView(entry, player)}</section>
        <section class="card stack said" aria-labelledby="said">
          <h2 id="said">Transcript</h2>
          ${linesView(this.#call, player, wantedTurn)}
        </section>
        <div class="stack">
          <section class="card stack" aria-labelledby="about">${callFacts(entry)}</section>
          ${additions(this.#call)} ${removal(this.#call)}
        </div>
      </div>`;
  }
}

function removedView(): TemplateResult {
  return html`<h1 tabindex="-1" data-place="delete">Call</h1>
    <p role="status">The call and all its data have been deleted.</p>
    <p><a href=${at('/calls')}>All calls</a></p>`;
}

new CallPage();
