import { render, type TemplateResult } from 'lit';
import { FocusKeeper } from './focus-keeper.ts';
import { showHead } from './head.ts';
import { onServerChange } from './server-status.ts';

/** A page: renders the header, and its content whenever `redraw` is called, at most once per frame. */
export class Page {
  readonly main = document.getElementById('page')!;
  readonly #view: () => TemplateResult;
  readonly #focus = new FocusKeeper(this.main);
  #waiting = false;

  constructor(view: () => TemplateResult) {
    this.#view = view;
    showHead();
    this.draw();
    onServerChange(this.redraw);
  }

  /** At the next frame; also in a hidden tab, which has no frames. */
  readonly redraw = (): void => {
    if (this.#waiting) return;
    this.#waiting = true;
    const soon = document.hidden ? (draw: () => void) => setTimeout(draw, 200) : requestAnimationFrame;
    soon(() => this.draw());
  };

  draw(): void {
    this.#waiting = false;
    this.#focus.around(() => render(this.#view(), this.main));
  }
}
