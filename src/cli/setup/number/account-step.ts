import type { Settings } from '../../../settings/settings.ts';
import { type AccountNumber, TwilioNumbers } from '../../../telephony/twilio/phone-numbers.ts';
import { type TwilioAccount, TwilioRestClient } from '../../../telephony/twilio/rest-client.ts';
import { askSetting } from '../ask-setting.ts';
import { MissingAnswer } from '../dialogue.ts';
import { requestFailure } from '../request-failure.ts';
import { type Problem, type SetupRun, untilValid } from '../setup-run.ts';

/** An account that accepts its token, with its numbers. */
export interface OpenAccount {
  readonly account: TwilioAccount;
  readonly numbers: readonly AccountNumber[];
}

/** Asks for the Twilio account if it is missing, and reads its numbers. Undefined: it cannot be used. */
export async function openAccount(run: SetupRun): Promise<OpenAccount | undefined> {
  const { draft } = run;
  if (draft.value('TWILIO_ACCOUNT_SID') === undefined)
    await askSetting(run, 'TWILIO_ACCOUNT_SID', { message: 'Account SID of Twilio:', example: 'AC…' });
  if (draft.value('TWILIO_AUTH_TOKEN') === undefined) await askToken(run);
  let opened: OpenAccount | undefined;
  const check = async (): Promise<Problem[]> => {
    const result = await accountOf(run);
    if ('problem' in result) return [result.problem];
    opened = result;
    return [];
  };
  await untilValid(run, check, async () => {
    await askSetting(run, 'TWILIO_ACCOUNT_SID', { message: 'Account SID of Twilio:', example: 'AC…' });
    await askToken(run);
  });
  return opened;
}

function askToken(run: SetupRun): Promise<void> {
  return askSetting(run, 'TWILIO_AUTH_TOKEN', { message: 'Auth token of that account:' });
}

async function accountOf({ draft, report }: SetupRun): Promise<OpenAccount | { readonly problem: Problem }> {
  const what = 'Twilio';
  const result = draft.read({ PUBLIC_URL: draft.value('PUBLIC_URL') ?? 'https://unknown.invalid' });
  if (!result.ok) return { problem: { what, found: result.errors.join(' ') } };
  const account = accountIn(result.settings);
  if (!account) return { problem: { what, found: 'account and token are missing' } };
  report.progress('Asking Twilio for the account and its numbers …');
  try {
    const status = await new TwilioRestClient(account).accountStatus();
    const numbers = await new TwilioNumbers(account).list();
    if (status !== 'active') report.warn(what, `the account is ${status}`, 'look at it in Twilio’s console');
    else report.ok(what, `account and token are accepted, ${numbers.length} numbers`);
    return { account, numbers };
  } catch (error) {
    return { problem: { what, ...twilioProblem(error) } };
  }
}

export function accountIn({ twilio }: Settings): TwilioAccount | undefined {
  const { accountSid, authToken, ...way } = twilio;
  return accountSid && authToken ? { accountSid, authToken, ...way } : undefined;
}

/** What a failed request to Twilio means. */
export function twilioProblem(error: unknown): Pick<Problem, 'found' | 'todo'> {
  const { status, code } = error as { status?: number; code?: number };
  if (status === 401)
    return {
      found: `rejects the account or the token (error ${code ?? 401})`,
      todo: 'compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with Twilio’s console; a changed token takes effect at once',
    };
  if (status !== undefined) {
    const { message } = error as Error;
    return {
      found: `answers ${status}: ${message}${code === undefined ? '' : ` (error ${code})`}`,
      todo: code === undefined ? 'try again later' : `see https://www.twilio.com/docs/api/errors/${code}`,
    };
  }
  return {
    found: `is not reached: ${requestFailure(error)}`,
    todo: 'check the network, and run the setup again',
  };
}

/** The number that is set up. Undefined: there is none that can be used; the report says why. */
export async function chooseNumber(
  { commandLine, dialogue, report }: SetupRun,
  numbers: readonly AccountNumber[],
  ourVoiceUrl: string,
): Promise<AccountNumber | undefined> {
  const what = 'number';
  const usable = numbers.filter(({ receivesCalls }) => receivesCalls);
  const list = usable.map(({ phoneNumber }) => phoneNumber).join(', ');
  if (usable.length === 0) {
    report.fail(
      what,
      'the account has no number that receives calls',
      'buy one in Twilio’s console, and run the setup again',
    );
    return undefined;
  }
  if (commandLine.number !== undefined) {
    const wanted = digitsOf(commandLine.number);
    const found = usable.find(({ phoneNumber }) => digitsOf(phoneNumber) === wanted);
    if (!found)
      report.fail(
        what,
        `${commandLine.number} is not a number of this account that receives calls`,
        `choose one of ${list}`,
      );
    return found;
  }
  const ours = usable.filter(({ routing }) => routing.voiceUrl === ourVoiceUrl);
  const only = ours.length === 1 ? ours[0] : usable.length === 1 ? usable[0] : undefined;
  if (only) return only;
  const question = {
    message: 'Which number does offhook answer?',
    option: `--number; the account has ${list}`,
  };
  if (!dialogue.isInteractive) throw new MissingAnswer(question);
  const sid = await dialogue.choose({
    ...question,
    answers: usable.map(({ sid: value, phoneNumber, name, routing }) => ({
      value,
      label: name === phoneNumber ? phoneNumber : `${phoneNumber} ${name}`,
      hint: routing.voiceUrl || 'no voice URL',
    })),
  });
  return usable.find((each) => each.sid === sid);
}

function digitsOf(number: string): string {
  return number.replace(/\D/g, '').replace(/^00/, '');
}
