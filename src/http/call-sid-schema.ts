import { z } from 'zod';
import { CALL_SID } from '../events/call-sid.ts';

export const callSid = z
  .string()
  .regex(CALL_SID, 'is not a CallSid (CA and 32 hexadecimal digits)')
  .describe('CallSid as Twilio gives it: CA and 32 hexadecimal digits');
