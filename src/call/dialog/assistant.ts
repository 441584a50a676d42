import type { Answerer, AnswererContext, TalkState } from './answerer.ts';
import { ReplyPipeline } from './reply-pipeline.ts';

/** The greeting has to start within 2 s: later than this the recorded one is taken. */
const GREETING_PATIENCE_MS = 1_400;
const FILLER_AGAIN_MS = 7_000;
/** Whoever has waited this long waits in vain. */
const THINKING_LIMIT_MS = 25_000;
/** Keys that follow each other within this time are one input. */
const KEYS_TOGETHER_MS = 1_200;
/** Failures in a row after which the answering machine takes over. */
const FAILURES_BORNE = 2;

/** Talks with the caller: listens, asks for a reply, speaks it, and falls silent when interrupted. */
export class Assistant implements Answerer {
  readonly #stage: AnswererContext;
  readonly #awaited = new Set<number>();
  readonly #asides = new Set<number>();
  /** `over`: the greeting was heard to its end, or interrupted. */
  #begun: { atMs: number; greeted: boolean; over: boolean } | undefined;
  #run: ReplyPipeline | undefined;
  #unanswered = false;
  #waitingSinceMs: number | undefined;
  #fillers = 0;
  #failures = 0;
  #keysUntilMs: number | undefined;
  #quietSinceMs = 0;
  #asked = false;
  #away = false;

  constructor(stage: AnswererContext) {
    this.#stage = stage;
  }

  get state(): TalkState {
    if (this.#begun && !this.#begun.over) return 'greeting';
    return this.#run || this.#awaited.size > 0 ? 'thinking' : 'listening';
  }

  begin(atMs: number): void {
    this.#begun = { atMs, greeted: false, over: false };
    this.#quietSinceMs = atMs;
    this.#greet(atMs);
  }

  callerStarted(atMs: number): void {
    this.#quietSinceMs = atMs;
    this.#asked = false;
    if (this.#run && !this.#run.saidSomething) this.#dropRun(atMs);
  }

  callerInsisted(atMs: number): void {
    this.#endGreeting();
    // Between two sentences nothing is to be heard, and the next one must not come over the caller either.
    this.#dropRun(atMs);
    if (this.#stage.mouth.audible(atMs)) this.#stage.mouth.cut(atMs);
  }

  callerDismissed(atMs: number): void {
    this.#answer(atMs);
  }

  utterance(turn: number, aside: boolean, silentMs: number, atMs: number): void {
    this.#quietSinceMs = atMs;
    if (aside) this.#asides.add(turn);
    else {
      this.#dropRun(atMs);
      this.#awaited.add(turn);
      this.#waitingSinceMs = atMs - silentMs;
      this.#fillers = 0;
    }
  }

  textCame(turn: number, result: string | Error, atMs: number): void {
    const awaited = this.#awaited.delete(turn);
    if (this.#asides.delete(turn)) {
      // What was said by the way may have stopped a reply in the making.
      this.#answer(atMs);
      return;
    }
    if (!awaited) return;
    if (this.#away) {
      if (!(result instanceof Error) && result) this.#unanswered = true;
      return;
    }
    if (result instanceof Error) {
      this.#failed('not-understood', atMs);
      return;
    }
    if (result) this.#unanswered = true;
    this.#answer(atMs);
    if (!this.#busy()) this.#waitingSinceMs = undefined;
  }

  key(_digit: string, atMs: number): void {
    this.#quietSinceMs = atMs;
    this.#asked = false;
    this.#endGreeting();
    this.#dropRun(atMs);
    if (this.#stage.mouth.audible(atMs)) this.#stage.mouth.cut(atMs);
    this.#unanswered = true;
    this.#keysUntilMs = atMs + KEYS_TOGETHER_MS;
  }

  tick(atMs: number): void {
    if (this.#begun && !this.#begun.greeted) this.#greet(atMs);
    this.#run?.resume();
    if (this.#keysUntilMs !== undefined && atMs >= this.#keysUntilMs) {
      this.#keysUntilMs = undefined;
      this.#waitingSinceMs = atMs;
      this.#fillers = 0;
      this.#answer(atMs);
    }
    if (this.#stage.mouth.audible(atMs) || this.#stage.callerSpeaks()) {
      this.#quietSinceMs = atMs;
      if (this.#run?.saidSomething) this.#waitAnew(atMs);
      return;
    }
    if (this.#begun?.greeted) this.#begun.over = true;
    if (this.#busy()) this.#comfort(atMs);
    else this.#ask(atMs);
  }

  stop(atMs: number): void {
    this.#dropRun(atMs);
    this.#away = true;
  }

  resume(atMs: number): void {
    this.#away = false;
    this.#quietSinceMs = atMs;
    this.#asked = false;
    this.#waitAnew(atMs);
    this.#answer(atMs);
    if (this.#begun || this.#busy() || this.#stage.settings.stillThereAfterMs === 0) return;
    // Another process greeted this caller, and the line was silent meanwhile.
    this.#asked = true;
    this.#stage.mouth.sayPrompt('still-there', atMs);
  }

  /** The caller hears something of the reply: waiting begins again when it breaks off. */
  #waitAnew(atMs: number): void {
    if (this.#waitingSinceMs !== undefined) this.#waitingSinceMs = atMs;
    this.#fillers = 0;
  }

  #endGreeting(): void {
    if (this.#begun) this.#begun.greeted = this.#begun.over = true;
  }

  #busy(): boolean {
    return this.#run !== undefined || this.#awaited.size > 0 || this.#keysUntilMs !== undefined;
  }

  #greet(atMs: number): void {
    const { begun, greeter, mouth } = { begun: this.#begun!, ...this.#stage };
    const made = greeter.ready();
    if (made === undefined && atMs - begun.atMs < GREETING_PATIENCE_MS) return;
    begun.greeted = true;
    if (made && made !== 'none') mouth.sayWhole({ ...made, role: 'greeting' }, atMs);
    else mouth.sayPrompt('greeting', atMs, 'greeting');
  }

  /** Asks for a reply when everything the caller said is known and the caller is silent. */
  #answer(atMs: number): void {
    if (!this.#unanswered || this.#awaited.size > 0 || this.#run || this.#stage.callerSpeaks()) return;
    if (this.#keysUntilMs !== undefined || this.#away) return;
    const { mouth, desk, conversation } = this.#stage;
    this.#waitingSinceMs ??= atMs;
    const run = new ReplyPipeline({
      mouth,
      desk,
      outcome: {
        finished: () => this.#finished(run),
        failed: (_error, unsaid) => this.#replyFailed(run, unsaid),
      },
    });
    this.#run = run;
    run.start(conversation.said(atMs));
  }

  #finished(run: ReplyPipeline): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    this.#unanswered = false;
    this.#waitingSinceMs = undefined;
    this.#failures = 0;
  }

  #replyFailed(run: ReplyPipeline, unsaid: string): void {
    if (this.#run !== run) return;
    this.#run = undefined;
    const atMs = this.#stage.desk.now();
    if (run.saidSomething) this.#noteUnsaid(run, unsaid, atMs);
    this.#failed(run.saidSomething ? undefined : 'apology', atMs);
  }

  #failed(prompt: 'apology' | 'not-understood' | undefined, atMs: number): void {
    this.#unanswered = false;
    this.#waitingSinceMs = undefined;
    this.#failures += 1;
    if (this.#failures >= FAILURES_BORNE) this.#stage.fallBack('apology-machine', atMs);
    else if (prompt) this.#stage.mouth.sayPrompt(prompt, atMs);
  }

  /** Stops the reply in the making; a reply of which nothing was said leaves its question open. */
  #dropRun(atMs: number): void {
    const run = this.#run;
    if (!run) return;
    this.#run = undefined;
    const unsaid = run.cancel();
    if (!run.saidSomething) return;
    this.#noteUnsaid(run, unsaid, atMs);
    this.#unanswered = false;
  }

  #noteUnsaid(run: ReplyPipeline, text: string, atMs: number): void {
    if (text) this.#stage.journal.append({ kind: 'unsaid', atMs, reply: run.reply, text });
  }

  /** Someone is waiting in silence for a reply. */
  #comfort(atMs: number): void {
    if (this.#waitingSinceMs === undefined || this.#keysUntilMs !== undefined) return;
    const waitedMs = atMs - this.#waitingSinceMs;
    if (waitedMs >= THINKING_LIMIT_MS) {
      this.#dropRun(atMs);
      this.#awaited.clear();
      this.#failed('apology', atMs);
      return;
    }
    const { mouth, settings } = this.#stage;
    if (waitedMs < settings.fillerAfterMs + this.#fillers * FILLER_AGAIN_MS) return;
    mouth.sayPrompt(this.#fillers % 2 === 0 ? 'filler-1' : 'filler-2', atMs);
    this.#fillers += 1;
  }

  /** Nobody says anything. */
  #ask(atMs: number): void {
    const { mouth, settings } = this.#stage;
    if (settings.stillThereAfterMs === 0) return;
    const quietMs = atMs - this.#quietSinceMs;
    if (!this.#asked && quietMs >= settings.stillThereAfterMs) {
      this.#asked = true;
      mouth.sayPrompt('still-there', atMs);
    } else if (this.#asked && quietMs >= settings.goodbyeAfterMs) {
      mouth.sayPrompt('goodbye', atMs);
      this.#stage.hangUp('silence', atMs);
    }
  }
}
