import { expect, test } from 'vitest';
import { passes } from '../../src/catalogue/phone-index.ts';
import { callerAddress, isWithheld, WITHHELD } from '../../src/events/withheld-number.ts';

const FORMS = [
  // https://help.twilio.com/articles/223179988, named by bmlt-enabled/yap#132, somleng/somleng#1820 and sstephenson/global_phone#27.
  ...['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253'],
  ...['Anonymous', 'anonymous', 'ANONYMOUS', 'Restricted', 'Private', 'Unavailable', 'Blocked'],
  ...[
    'sip:anonymous@anonymous.invalid',
    '"Anonymous" <sip:anonymous@anonymous.invalid>',
    // RFC 3261, 25.1: a display name of tokens needs no quotation marks.
    'Anonymous <sip:anonymous@anonymous.invalid>',
    'sip:+266696687@example.com',
  ],
  // Asterisk's "pjsip" documentation, FreeSWITCH's privacy documentation and RFC 3325.
  ...[
    'sip:unavailable@unknown.invalid',
    'sip:restricted@sip.example.com',
    'sips:Anonymous@192.0.2.4;user=phone',
  ],
  ...[
    'anonymous@anonymous.invalid',
    'Unknown Caller',
    'Not Available',
    'Number not available',
    'Out of Area',
    ...['tel:anonymous', 'Restricted Number', 'Blocked Caller', 'Number Unavailable'],
  ],
  ...[
    'Private Number',
    'no caller id',
    'No Number',
    'Not Provided',
    'withheld',
    '00266696687',
    'tel:+266696687',
  ],
];

test.each(FORMS)('"%s" is a withheld number', (form) => {
  expect(callerAddress(form)).toBe(WITHHELD);
});

test.each([
  ...[
    '+4930123456',
    '2562533',
    '256-2533',
    '+12562533000',
    '+17378742833',
    '266696687',
    '',
    'unknown',
    'browser',
  ],
  ...[
    'client:anonymous',
    'sip:anon@example.com',
    'sip:private.sales@example.com',
    'client:Private',
    '+2666966870',
  ],
])('"%s" is an address of its own', (address) => {
  expect(isWithheld(address)).toBe(false);
  expect(callerAddress(address)).toBe(address);
});

test('one word finds all forms, and no number', () => {
  const call = { to: '+4930999', startedAtMs: 0, state: 'finished' as const };
  for (const from of FORMS) expect(passes({ ...call, from }, { number: 'withheld' })).toBe(true);
  for (const from of FORMS) expect(passes({ ...call, from: WITHHELD }, { number: from })).toBe(true);
  for (const from of ['+4930123456', '+12562533', 'browser'])
    expect(passes({ ...call, from }, { number: 'withheld' })).toBe(false);
});
