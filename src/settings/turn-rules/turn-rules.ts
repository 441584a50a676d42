/** Words of one language that decide about turns. Lower case, without punctuation; one to eight words each. */
export interface LanguageRules {
  /** They let an interrupted reply go on. */
  readonly assent: readonly string[];
  readonly notAssent: readonly string[];
  /** After them at its end, a text goes on. */
  readonly unfinished: readonly string[];
  readonly notUnfinished: readonly string[];
  /** They end a conversation. */
  readonly farewells: readonly string[];
}

/** By language code, such as `de`. They are added to the built-in rules; the lists with `not` remove built-in ones. */
export type OwnTurnRules = Readonly<Record<string, LanguageRules>>;
