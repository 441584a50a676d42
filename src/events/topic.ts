/** Receives an error of a subscriber, which affects neither the publisher nor other subscribers. */
export type SubscriberFailed = (error: unknown) => void;

/** Passes messages to subscribers, synchronously and in the order of subscription. */
export class Topic<Message extends readonly unknown[]> {
  readonly #handlers = new Set<(...message: Message) => void>();
  readonly #failed: SubscriberFailed;

  constructor(failed: SubscriberFailed) {
    this.#failed = failed;
  }

  /** Returns an unsubscribe function. */
  subscribe(handler: (...message: Message) => void): () => void {
    const own = (...message: Message): void => handler(...message);
    this.#handlers.add(own);
    return () => void this.#handlers.delete(own);
  }

  publish(...message: Message): void {
    for (const handler of this.#handlers) {
      try {
        handler(...message);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
