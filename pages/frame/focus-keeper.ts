/** What stands in a place of its own: whatever is drawn there next has the same `data-place`. */
const PLACED = '[data-place]';
/** One of several: where it goes, its neighbour is next. */
const ITEM = '[data-item]';

/** What had the focus before something was drawn, and where it belongs if that is gone afterwards. */
interface Held {
  readonly element: Element;
  readonly place: string;
  readonly neighbours: readonly (Element | null)[];
  readonly section: Element | null;
}

/**
 * Keeps the focus in its place where drawing takes the control away that has it, or disables it: `data-place` names the
 * place, and several where a control may stand for several. Where nothing comes in its place the neighbouring `data-item`
 * gets the focus, else the heading.
 */
export class FocusKeeper {
  readonly #root: HTMLElement;
  /** Waits for its place: what stands there cannot be used yet. */
  #owed: Held | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    root.addEventListener('keydown', onePressOneClick);
  }

  /** Draws, and puts the focus where it belongs. */
  around(draw: () => void): void {
    const held = this.#held();
    draw();
    if (held && isLost(held.element)) this.#owed = held;
    if (this.#owed && this.#isElsewhere(this.#owed)) this.#owed = undefined;
    if (this.#owed) this.#pay(this.#owed);
  }

  #held(): Held | undefined {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement) || !this.#root.contains(element)) return undefined;
    const { place = '' } = element.dataset;
    const item = element.closest(ITEM);
    const neighbours = [item?.nextElementSibling ?? null, item?.previousElementSibling ?? null];
    return place || item ? { element, place, neighbours, section: element.closest('section') } : undefined;
  }

  /** Somebody has gone on meanwhile. */
  #isElsewhere({ element }: Held): boolean {
    const active = document.activeElement;
    return active !== null && active !== document.body && active !== element;
  }

  #pay(owed: Held): void {
    const inPlace = this.#of(owed.place);
    const usable = inPlace.find((element) => !element.matches(':disabled'));
    if (!usable && inPlace.length > 0) return;
    this.#owed = undefined;
    (usable ?? nextOf(owed) ?? this.#heading(owed))?.focus();
  }

  #of(place: string): HTMLElement[] {
    const names = place.split(' ').filter(Boolean);
    return [...this.#root.querySelectorAll<HTMLElement>(PLACED)].filter((element) =>
      element.dataset['place']?.split(' ').some((name) => names.includes(name)),
    );
  }

  #heading({ section }: Held): HTMLElement | null {
    const here = section?.isConnected ? section.querySelector<HTMLElement>('h2') : null;
    const heading = here ?? this.#root.querySelector<HTMLElement>('h1');
    if (heading) heading.tabIndex = -1;
    return heading;
  }
}

/** The focus moves under the finger: a key that is held down must not press what came in the button's place, too. */
function onePressOneClick(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter' && event.target instanceof HTMLButtonElement)
    event.preventDefault();
}

function isLost(element: Element): boolean {
  return !element.isConnected || element.matches(':disabled');
}

function nextOf({ neighbours }: Held): HTMLElement | undefined {
  for (const item of neighbours) {
    const control = item?.isConnected ? item.querySelector<HTMLElement>(`${PLACED}:not(:disabled)`) : null;
    if (control) return control;
  }
  return undefined;
}
