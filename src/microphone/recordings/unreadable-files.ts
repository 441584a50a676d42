/** Reports files that cannot be read, each once for each reason. */
export class UnreadableFiles {
  readonly #report: ((name: string, reason: string) => void) | undefined;
  readonly #reported = new Map<string, string>();

  constructor(report: ((name: string, reason: string) => void) | undefined) {
    this.#report = report;
  }

  add(name: string, reason: string): void {
    if (this.#reported.get(name) === reason) return;
    this.#reported.set(name, reason);
    this.#report?.(name, reason);
  }

  /** Forgets files that no longer exist. */
  forgetOthers(names: readonly string[]): void {
    const existing = new Set(names);
    for (const name of this.#reported.keys()) if (!existing.has(name)) this.#reported.delete(name);
  }
}
