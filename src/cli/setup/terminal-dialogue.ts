import { Cancelled, type Choice, type Dialogue, type TextQuestion } from './dialogue.ts';

type Clack = typeof import('@clack/prompts');

/** Questions on a terminal. The package is loaded with the first of them. */
export class TerminalDialogue implements Dialogue {
  readonly isInteractive = true;
  #clack: Promise<Clack> | undefined;

  async text({ message, initial, example, isSecret = false, validate }: TextQuestion): Promise<string> {
    const clack = await this.#load();
    const check = (text: string | undefined): string | undefined => validate(text ?? '');
    const answer = isSecret
      ? await clack.password({ message, validate: check })
      : await clack.text({
          message,
          validate: check,
          initialValue: initial ?? '',
          placeholder: example ?? '',
        });
    // An empty text is undefined.
    return given<string | symbol | undefined>(clack, answer) ?? '';
  }

  async choose<T extends string>({ message, answers, initial }: Choice<T>): Promise<T> {
    const clack = await this.#load();
    // The type of an option depends on whether its value is a text, which `T` leaves open.
    const options = [...answers] as never;
    const initialValue = initial ?? answers[0]!.value;
    return given(clack, await clack.select<T>({ message, options, initialValue }));
  }

  async confirm(message: string): Promise<boolean> {
    const clack = await this.#load();
    return given(clack, await clack.confirm({ message }));
  }

  #load(): Promise<Clack> {
    this.#clack ??= import('@clack/prompts');
    return this.#clack;
  }
}

function given<T>(clack: Clack, answer: T): Exclude<T, symbol> {
  if (clack.isCancel(answer)) throw new Cancelled();
  return answer as Exclude<T, symbol>;
}
