import type { OwnTurnRules } from '../../../settings/turn-rules/turn-rules.ts';
import { Farewells } from '../termination/farewell.ts';
import { Assent } from './assent.ts';
import { SentenceStates } from './sentence-state.ts';

/** What callers' words mean for turns, by language; the same for all calls of a process. */
export class TurnRules {
  readonly assent: Assent;
  readonly sentences: SentenceStates;
  readonly farewells: Farewells;

  /** `own`: a user's rules, beside the built-in ones. */
  constructor(own: OwnTurnRules = {}) {
    this.assent = new Assent(own);
    this.sentences = new SentenceStates(own);
    this.farewells = new Farewells(own);
  }
}
