/** What the two sides of a conversation use of their connection. */
export interface SessionLink {
  send(message: string): void;
  /** Counts a message that cannot be used. */
  ignore(reason: string): void;
  /** Counts an event that is late, which is no fault of the server. */
  late(reason: string): void;
  /** The server sent something useful. */
  useful(): void;
  /** The server does not answer: the session is over. */
  stalled(said: string): void;
  /** A text has come, or will not come. */
  settled(): void;
}
