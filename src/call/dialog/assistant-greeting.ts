import type { AnswererContext } from './answerer.ts';

/** The greeting must start within 2 s; if the synthesised one is not ready by then, the recorded one is played. */
const TIMEOUT_MS = 1_400;

type State =
  | { readonly kind: 'none' }
  /** Waiting for the synthesised one. */
  | { readonly kind: 'preparing'; readonly sinceMs: number }
  | { readonly kind: 'playing' }
  /** Heard to its end or interrupted, or not needed any more. */
  | { readonly kind: 'over' };

/** The assistant's greeting in this process. */
export class AssistantGreeting {
  readonly #context: AnswererContext;
  #state: State = { kind: 'none' };

  constructor(context: AnswererContext) {
    this.#context = context;
  }

  /** True from its beginning to its end. */
  get isActive(): boolean {
    return this.#state.kind === 'preparing' || this.#state.kind === 'playing';
  }

  /** True if this process has not greeted the caller. */
  get isPending(): boolean {
    return this.#state.kind === 'none';
  }

  begin(atMs: number): void {
    this.#state = { kind: 'preparing', sinceMs: atMs };
    this.tick(atMs);
  }

  /** Plays the greeting as soon as it is ready. */
  tick(atMs: number): void {
    if (this.#state.kind !== 'preparing') return;
    const { greeter, output } = this.#context;
    const greeting = greeter.ready();
    if (greeting === undefined && atMs - this.#state.sinceMs < TIMEOUT_MS) return;
    this.#state = { kind: 'playing' };
    if (greeting && greeting !== 'none') output.sayWhole({ ...greeting, role: 'greeting' }, atMs);
    else output.sayPrompt('greeting', atMs, 'greeting');
  }

  /** Nothing is audible: a greeting that was playing has ended. */
  silent(): void {
    if (this.#state.kind === 'playing') this.end();
  }

  end(): void {
    this.#state = { kind: 'over' };
  }
}
