import type { SettingName } from '../../settings/table.ts';

/** What answers the calls. */
export const SERVICE_KINDS = ['openai', 'own', 'none'] as const;
export type ServiceKind = (typeof SERVICE_KINDS)[number];

/** The settings that have an option of their own: `--chat-model` is CHAT_MODEL. */
export const ASKED_SETTINGS = [
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'TRANSCRIPTION_BASE_URL',
  'TRANSCRIPTION_API_KEY',
  'TRANSCRIPTION_MODEL',
  'CHAT_BASE_URL',
  'CHAT_API_KEY',
  'CHAT_MODEL',
  'SPEECH_BASE_URL',
  'SPEECH_API_KEY',
  'SPEECH_MODEL',
  'SPEECH_VOICE',
  'TWILIO_ACCOUNT_SID',
  'TWILIO_AUTH_TOKEN',
  'PUBLIC_URL',
  'PORT',
  'ADMIN_PASSWORD',
  'API_TOKEN',
] as const satisfies readonly SettingName[];

/** The command line of `offhook setup`. */
export interface SetupCommandLine {
  /** Setting → text, of the options for settings and of `--set`. */
  readonly given: Readonly<Record<string, string>>;
  readonly services?: ServiceKind | undefined;
  readonly twilio: boolean;
  readonly number?: string | undefined;
  readonly fallbackUrl?: string | undefined;
  readonly detach: boolean;
  readonly tunnel?: string | undefined;
  readonly testCall: boolean;
  readonly serve: boolean;
  readonly force: boolean;
  readonly yes: boolean;
  readonly check: boolean;
  readonly undo: boolean;
}

export function optionOf(name: string): string {
  return `--${name.toLowerCase().replaceAll('_', '-')}`;
}
