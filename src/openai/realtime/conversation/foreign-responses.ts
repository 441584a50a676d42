import type { ResponseEvent } from '../response-events.ts';

interface ForeignResponse {
  /** Its items of the server's conversation. */
  readonly items: Set<string>;
  readonly over: Promise<void>;
  end(): void;
}

/** More are not followed: the server begins one at each turn, whatever it was told. */
const MAX_FOLLOWED = 20;

/** Responses that the server begins without a request. They are cancelled, and their items are deleted. */
export class ForeignResponses {
  readonly #active = new Map<string, ForeignResponse>();

  get isActive(): boolean {
    return this.#active.size > 0;
  }

  /** Resolves when none is active: until then the server refuses requests. */
  get over(): Promise<unknown> {
    return Promise.all([...this.#active.values()].map(({ over }) => over));
  }

  /** A response that was not requested. */
  add(id: string): void {
    if (this.#active.size >= MAX_FOLLOWED) return;
    let end = (): void => {};
    const over = new Promise<void>((resolve) => (end = resolve));
    this.#active.set(id, { items: new Set(), over, end });
  }

  /** Returns false if the event is of no such response. `deleteItem`: called for each item of one that ends. */
  take(
    event: Exclude<ResponseEvent, { kind: 'unneeded' | 'unusable' }>,
    deleteItem: (id: string) => void,
  ): boolean {
    const response = this.#active.get(event.response);
    if (response === undefined) return false;
    if (event.kind === 'response-item') response.items.add(event.item);
    if (event.kind !== 'response-done') return true;
    this.#active.delete(event.response);
    for (const item of response.items) deleteItem(item);
    response.end();
    return true;
  }

  /** The session is over. */
  close(): void {
    for (const response of this.#active.values()) response.end();
    this.#active.clear();
  }
}
