/** A question for one line of text. */
export interface TextQuestion {
  readonly message: string;
  /** The command line option that answers it too. */
  readonly option: string;
  readonly initial?: string | undefined;
  readonly example?: string | undefined;
  readonly isSecret?: boolean | undefined;
  /** Returns why a text is refused. */
  readonly validate: (text: string) => string | undefined;
}

/** A question with given answers. */
export interface Choice<T extends string> {
  readonly message: string;
  readonly option: string;
  readonly answers: readonly { readonly value: T; readonly label: string; readonly hint?: string }[];
  readonly initial?: T | undefined;
}

/** Asks the person at the terminal. A cancelled question rejects with `Cancelled`. */
export interface Dialogue {
  /** Whether a person can answer: a failed check may be tried again with another answer. */
  readonly isInteractive: boolean;
  text(question: TextQuestion): Promise<string>;
  choose<T extends string>(question: Choice<T>): Promise<T>;
  /** `unasked`: the answer if there is no terminal. */
  confirm(message: string, unasked: boolean): Promise<boolean>;
}

/** The person ended the dialogue. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** An answer is missing, and there is no terminal to ask on. */
export class MissingAnswer extends Error {
  override readonly name = 'MissingAnswer';

  constructor({ message, option }: { readonly message: string; readonly option: string }) {
    super(
      `An answer is missing: ${message.replace(/[?:]$/, '')}. Without a terminal it is given by ${option}.`,
    );
  }
}

/** Answers nothing: for scripts and for `--check`. */
export const UNATTENDED: Dialogue = {
  isInteractive: false,
  text: (question) => Promise.reject(new MissingAnswer(question)),
  choose: (question) => Promise.reject(new MissingAnswer(question)),
  confirm: (_message, unasked) => Promise.resolve(unasked),
};
