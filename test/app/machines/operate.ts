import { expect } from 'vitest';
import { recordedSpeechOf } from '../../../src/simulator/fixtures/recorded-speech.ts';
import type { DeskClient } from '../../support/desk-client.ts';

/** Does everything that an operator can do with a call whose caller asks once: watch, listen, take over, speak, set the format, hand back, hang up. */
export async function operate(
  desk: DeskClient,
  callSid: string,
  setFormat: () => Promise<Response>,
): Promise<void> {
  await desk.until(() => desk.calls.get(callSid)?.state === 'greeting');
  desk.say({ type: 'watch', callSid });
  desk.say({ type: 'listen', callSid, on: true });
  await desk.until(() => [...desk.turns.values()].some(({ speaker, text }) => speaker === 'caller' && text));
  await desk.until(() => desk.told.some((one) => one.type === 'sound' && one.speaker === 'assistant'));
  desk.say({ type: 'takeOver', callSid });
  await desk.until(() => desk.calls.get(callSid)?.operator === 'you');
  await desk.speak(callSid, recordedSpeechOf('caller-what-are-your-opening-hours').mulaw);
  await desk.until(() =>
    [...desk.turns.values()].some(({ speaker, text }) => speaker === 'operator' && text),
  );
  expect((await setFormat()).status).toBe(200);
  desk.say({ type: 'handBack', callSid });
  await desk.until(() => desk.calls.get(callSid)?.operator === undefined);
  desk.say({ type: 'hangUp', callSid });
}
