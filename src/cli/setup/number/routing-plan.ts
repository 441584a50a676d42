import type { AccountNumber, NumberRouting } from '../../../telephony/twilio/phone-numbers.ts';

/** One value of a number that is changed. */
export interface RoutingChange {
  readonly member: keyof NumberRouting;
  readonly from: string;
  readonly to: string;
}

const LABELS: Readonly<Record<keyof NumberRouting, string>> = {
  voiceUrl: 'voice URL',
  voiceMethod: 'voice method',
  voiceFallbackUrl: 'fallback URL',
  voiceFallbackMethod: 'fallback method',
  statusCallback: 'status callback',
  statusCallbackMethod: 'status callback method',
  voiceApplicationSid: 'voice application',
  trunkSid: 'SIP trunk',
};
const MEMBERS = Object.keys(LABELS) as (keyof NumberRouting)[];

/**
 * What a number is set to. Without another address Twilio asks the same one again after a failure: most of them are
 * interrupted connections.
 */
export function routingTo(publicUrl: string, fallbackUrl?: string): NumberRouting {
  const base = publicUrl.replace(/\/+$/, '');
  const voiceUrl = `${base}/incoming-call`;
  return {
    voiceUrl,
    voiceMethod: 'POST',
    voiceFallbackUrl: fallbackUrl ?? voiceUrl,
    voiceFallbackMethod: 'POST',
    statusCallback: `${base}/call-status`,
    statusCallbackMethod: 'POST',
    voiceApplicationSid: '',
    trunkSid: '',
  };
}

export function changesBetween(from: NumberRouting, to: NumberRouting): RoutingChange[] {
  return MEMBERS.filter((member) => from[member] !== to[member]).map((member) => ({
    member,
    from: from[member],
    to: to[member],
  }));
}

export function valuesOf(changes: readonly RoutingChange[]): Partial<NumberRouting> {
  return Object.fromEntries(changes.map(({ member, to }) => [member, to]));
}

export function describeChange({ member, from, to }: RoutingChange): string {
  return `${LABELS[member]}: ${from || '(none)'} → ${to || '(none)'}`;
}

/** What makes Twilio ignore the addresses of a number. */
export function overridingSid({ routing }: AccountNumber): string | undefined {
  if (routing.trunkSid) return `the SIP trunk ${routing.trunkSid}`;
  return routing.voiceApplicationSid ? `the voice application ${routing.voiceApplicationSid}` : undefined;
}
