import type { Settings } from '../../settings/settings.ts';
import { errorText } from '../../storage/file-system-errors.ts';
import { type AccountNumber, TwilioNumbers } from '../../telephony/twilio/phone-numbers.ts';
import { TwilioRestClient } from '../../telephony/twilio/rest-client.ts';
import { within } from './check-timeout.ts';
import type { Finding } from './finding.ts';
import { via } from './via.ts';

/** More numbers than that are counted, not listed. */
const MAX_LISTED = 5;

/** Checks the account at Twilio, and whether a number's webhook leads to this server. */
export async function checkTelephony(settings: Settings): Promise<Finding[]> {
  const { accountSid, authToken, ...way } = settings.twilio;
  const what = 'telephony';
  if (!accountSid || !authToken) {
    const missing = accountSid ? 'TWILIO_AUTH_TOKEN' : authToken ? 'TWILIO_ACCOUNT_SID' : undefined;
    const todo = 'set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and PUBLIC_URL to receive calls from Twilio';
    const found = missing === undefined ? 'only this machine can place calls' : `${missing} is not set`;
    return [
      { what, verdict: 'warn', found, todo },
      { what: 'webhook', verdict: 'not checked', found: 'no account of Twilio is configured' },
    ];
  }
  const account = { accountSid, authToken, ...way };
  const status = await within(new TwilioRestClient(account).accountStatus());
  if (status !== 'active') {
    const todo = 'check the account in the Twilio console';
    return [{ what, verdict: 'warn', found: `the account is ${status}`, todo }];
  }
  const found = `Twilio accepts the account and the token${via(settings.twilio.proxy)}`;
  return [{ what, verdict: 'ok', found }, await checkWebhook(settings, new TwilioNumbers(account))];
}

/** Compares the webhooks of the account's numbers with what they should be. */
async function checkWebhook({ publicUrl }: Settings, numbers: TwilioNumbers): Promise<Finding> {
  const what = 'webhook';
  if (!publicUrl) return { what, verdict: 'not checked', found: 'PUBLIC_URL is not set' };
  const base = publicUrl.href.replace(/\/+$/u, '');
  const wanted = `${base}/incoming-call`;
  let listed: readonly AccountNumber[];
  try {
    listed = await within(numbers.list());
  } catch (error) {
    const todo = 'allow this token to read the numbers of the account, or compare the webhook in the console';
    return { what, verdict: 'fail', found: `the numbers cannot be listed: ${errorText(error)}`, todo };
  }
  if (listed.length === 0) {
    const todo = 'buy a number with voice in the Twilio console, then run `offhook setup`';
    return { what, verdict: 'warn', found: 'the account has no number', todo };
  }
  const ours = listed.filter(({ routing }) => sameAddress(routing.voiceUrl, wanted));
  if (ours.length === 0) {
    const others = listed.slice(0, MAX_LISTED).map(describeNumber).join('; ');
    const rest = listed.length > MAX_LISTED ? `; and ${listed.length - MAX_LISTED} more` : '';
    const todo = `run \`offhook setup\`, or set "A call comes in" of the number to ${wanted}`;
    return { what, verdict: 'fail', found: `no number leads to ${wanted}: ${others}${rest}`, todo };
  }
  const overridden = ours.find(
    ({ routing }) => routing.trunkSid !== '' || routing.voiceApplicationSid !== '',
  );
  if (overridden) {
    const by = overridden.routing.trunkSid === '' ? 'a TwiML application' : 'a SIP trunk';
    const todo = `remove ${by} from the number in the Twilio console: Twilio ignores the number's addresses until then`;
    return { what, verdict: 'fail', found: `${overridden.phoneNumber} is routed to ${by}`, todo };
  }
  const names = ours.map(({ phoneNumber }) => phoneNumber).join(', ');
  const silent = ours.find(({ routing }) => !sameAddress(routing.statusCallback, `${base}/call-status`));
  if (silent) {
    const todo = `set "Call status changes" of ${silent.phoneNumber} to ${base}/call-status, or run \`offhook setup\``;
    const found = `${names} leads here, but ${silent.phoneNumber} does not report the end of its calls`;
    return { what, verdict: 'warn', found, todo };
  }
  return { what, verdict: 'ok', found: `${names} leads here` };
}

/** Twilio keeps addresses as they were typed. */
function sameAddress(address: string, wanted: string): boolean {
  return URL.canParse(address) && new URL(address).href.replace(/\/+$/u, '') === new URL(wanted).href;
}

function describeNumber({ phoneNumber, routing }: AccountNumber): string {
  return `${phoneNumber} leads to ${routing.voiceUrl === '' ? 'nothing' : routing.voiceUrl}`;
}
