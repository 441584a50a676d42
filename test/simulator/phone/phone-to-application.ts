import { CallerDirector, type CallerStep } from '../../../src/simulator/phone/caller-script.ts';
import { MediaServer } from '../../../src/simulator/phone/media-server.ts';
import { type SimulatedCallOptions, placeCall } from '../../../src/simulator/phone/simulated-phone.ts';
import type { EchoApplication } from './echo-application.ts';

export const tone = (ms: number) => new Uint8Array(ms * 8).fill(0x10);

export const after = (ms: number, step: 'hangUp' | 'breakStream' = 'hangUp'): CallerStep => ({
  do: step,
  when: { atMs: ms },
});

/** A call of a scripted caller to the application. */
export function call(
  application: EchoApplication,
  steps: readonly CallerStep[],
  more: Partial<SimulatedCallOptions> = {},
) {
  return placeCall({
    baseUrl: application.url,
    caller: {
      from: '+15550100',
      to: '+15550199',
      director: new CallerDirector(steps),
      side: (names) => new MediaServer(names),
    },
    ...more,
  });
}
