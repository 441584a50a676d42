import type { Scenario } from '../../src/simulator/fixtures/scenario.ts';
import { CallerDirector, callerStepsOf } from '../../src/simulator/phone/caller-script.ts';
import { MediaServer } from '../../src/simulator/phone/media-server.ts';
import type { SimulatedCallOptions } from '../../src/simulator/phone/simulated-phone.ts';
import { lineAmbience } from './line-ambience.ts';

/** What `placeCall` needs to play a scripted call; `seed` changes the noise of the line and the network's jitter. */
export function scenarioCall(scenario: Scenario, seed = 0): Pick<SimulatedCallOptions, 'caller' | 'network'> {
  const { from, to, line, network } = scenario;
  const { lost = [], ...media } = scenario.media;
  return {
    caller: {
      from,
      to,
      director: new CallerDirector(callerStepsOf(scenario.steps)),
      side: (names) => {
        const ambience = lineAmbience({ ...line, seed: seed + 1 });
        const server = new MediaServer({ ...media, ...names, ...(ambience && { ambience }) });
        for (const { fromMs, toMs } of lost) server.lose(fromMs, toMs);
        return server;
      },
    },
    network: {
      up: network.up && { ...network.up, seed: (network.up.seed ?? 1) + seed },
      down: network.down && { ...network.down, seed: (network.down.seed ?? 1) + seed },
    },
  };
}
