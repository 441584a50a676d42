/** The attribute of a place: a control that replaces another has the same `data-place`. */
const PLACED = '[data-place]';
/** The attribute of a list item: if it is removed, its neighbour gets the focus. */
const ITEM = '[data-item]';

/** The focused element before a render, and where the focus goes if it disappears. */
interface Held {
  readonly element: Element;
  readonly place: string;
  readonly neighbours: readonly (Element | null)[];
  readonly section: Element | null;
}

/**
 * Keeps the focus in place when a render removes or disables the focused control: `data-place` names the place, or
 * several places if a control may replace several. If no control replaces it, the neighbouring `data-item` gets the
 * focus, or else the heading.
 */
export class FocusKeeper {
  readonly #root: HTMLElement;
  /** Pending: the control at its place is disabled. */
  #owed: Held | undefined;

  constructor(root: HTMLElement) {
    this.#root = root;
    root.addEventListener('keydown', onePressOneClick);
  }

  /** Renders, and then restores the focus. */
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

  /** The user has moved the focus in the meantime. */
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

/** The focus moved during a key press: a held key must not also press the replacement of the button. */
function onePressOneClick(event: KeyboardEvent): void {
  if (event.repeat && event.key === 'Enter' && event.target instanceof HTMLButtonElement)
    event.preventDefault();
}

function isLost(element: Element): boolean {
  return !element.isConnected || element.matches(':disabled');
}

/** The control of a neighbour with the same purpose: places of one purpose begin with the same word, as `delete-…`. */
function nextOf({ neighbours, place }: Held): HTMLElement | undefined {
  const [purpose = ''] = place.split('-');
  for (const item of neighbours) {
    if (!item?.isConnected) continue;
    const controls = [...item.querySelectorAll<HTMLElement>(`${PLACED}:not(:disabled)`)];
    const control = controls.find((one) => one.dataset['place']?.startsWith(purpose)) ?? controls[0];
    if (control) return control;
  }
  return undefined;
}
