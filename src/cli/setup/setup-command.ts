import { Command, InvalidArgumentError, Option } from 'commander';
import type { Surroundings } from '../command-settings.ts';
import type { ExitCode } from '../exit-codes.ts';
import { ASKED_SETTINGS, optionOf, SERVICE_KINDS, type SetupCommandLine } from './setup-options.ts';
import { SETTING_TABLE } from '../../settings/table.ts';
import { nearestSetting } from '../../settings/typo-hints.ts';

type Parsed = Omit<SetupCommandLine, 'given'> & { readonly set: Readonly<Record<string, string>> };

const KNOWN: ReadonlySet<string> = new Set(SETTING_TABLE.map(({ name }) => name));

/** The command `setup`; its code is loaded when it runs. */
export function setupCommand(surroundings: Surroundings, ended: (code: ExitCode) => void): Command {
  const command = new Command('setup')
    .description(
      'Asks for what is missing, checks each answer with the real service, writes .env, sets the webhooks of a Twilio number, and places a simulated call. Every answer is an option too; keys may be given by the environment.',
    )
    .addOption(new Option('--services <kind>', 'who answers').choices(SERVICE_KINDS))
    .option('--no-twilio', 'without a telephone: the pages and their phone alone')
    .option('--number <number>', 'the number of the account that offhook answers')
    .option(
      '--fallback-url <url>',
      'asked by Twilio when the voice URL fails (default: the voice URL again)',
      webAddress,
    )
    .option('--detach', 'remove the number from its SIP trunk or voice application', false)
    .option('--tunnel <command>', '`ngrok`, or a command that opens a tunnel and prints its https address')
    .option('--set <NAME=value>', 'any other setting; repeatable', assignment, {})
    .option('--no-test-call', 'without the call at the end')
    .option('--serve', 'run the server afterwards, within the tunnel', false)
    .option('--force', 'continue although a check failed', false)
    .option('--yes', 'apply without asking', false)
    .option('--check', 'change nothing; print what would change', false)
    .option('--undo', 'restore what the number had before the setup', false);
  for (const name of ASKED_SETTINGS) command.addOption(new Option(`${optionOf(name)} <value>`, name));
  return command.action(async (parsed: Parsed) => {
    const own = ASKED_SETTINGS.flatMap((name) => {
      const value = command.getOptionValue(camelCase(name)) as string | undefined;
      return value === undefined ? [] : [[name, value] as const];
    });
    const given = { ...parsed.set, ...Object.fromEntries(own) };
    const { setUp } = await import('./setup.ts');
    ended(await setUp(surroundings, { ...parsed, given }));
  });
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function assignment(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (!KNOWN.has(name)) {
    const nearest = nearestSetting(name);
    const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
    throw new InvalidArgumentError(`It must be NAME=value with the name of a setting.${hint}`);
  }
  return { ...before, [name]: value };
}

function webAddress(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('It must be an address like https://example.com/fallback.');
}
