/** JSON texts of messages. A message that goes to several sockets one after the other is serialised once. */
export class JsonTexts {
  #latest: object | undefined;
  #text = '';

  of(message: object): string {
    if (message !== this.#latest) this.#text = JSON.stringify(message);
    this.#latest = message;
    return this.#text;
  }
}
