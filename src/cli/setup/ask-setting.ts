import { isPrivate } from '../../settings/check.ts';
import type { SettingName } from '../../settings/table.ts';
import { problemOf } from './draft-settings.ts';
import { optionOf } from './setup-options.ts';
import type { SetupRun } from './setup-run.ts';

interface Wording {
  readonly message: string;
  readonly example?: string;
  /** An empty answer is accepted and means: none. */
  readonly isOptional?: boolean;
}

/** Asks for a setting and keeps the answer. */
export async function askSetting(
  { draft, dialogue }: SetupRun,
  name: SettingName,
  { message, example, isOptional = false }: Wording,
): Promise<void> {
  const isSecret = isPrivate(name);
  const answer = await dialogue.text({
    message,
    example,
    option: optionOf(name),
    isSecret,
    initial: isSecret ? undefined : draft.value(name),
    validate: (text) => {
      if (text.trim() !== '') return problemOf(name, text);
      return isOptional ? undefined : 'An answer is needed; Ctrl-C cancels.';
    },
  });
  draft.set(name, name === 'ADMIN_PASSWORD' ? answer : answer.trim());
}
