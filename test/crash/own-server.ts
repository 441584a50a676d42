import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  readAllScenarios,
  readScenario,
  type Scenario,
  type ScenarioStep,
} from '../../src/simulator/fixtures/scenario.ts';
import { type FakeOpenAi, startFakeOpenAi } from '../doubles/fake-openai.ts';
import { killServers, type ServerProcess, startServer } from './server-process.ts';

/** A folder and stand-in services for servers of one test file. */
export interface Ground {
  readonly folder: string;
  readonly openAi: FakeOpenAi;
  /** Stereo WAVs. */
  start(settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** Names in the folder `.offhook/<name>`. */
  state(name: 'journals' | 'waiting' | 'kept' | 'aside'): string[];
  clear(): Promise<void>;
}

/** `given`: a folder that exists, and is left there. */
export async function makeGround(given?: string): Promise<Ground> {
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'offhook-crash-'));
  const openAi = await startFakeOpenAi({ scenarios: readAllScenarios() });
  const services = { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: openAi.url };
  const sound = { DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' };
  return {
    folder,
    openAi,
    start: (settings = {}) => startServer(folder, { ...services, ...sound, ...settings }),
    state: (name) => readdirSync(path.join(folder, '.offhook', name)),
    clear: async () => {
      killServers();
      await openAi.close();
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The caller of the plain conversation, doing this instead. */
export function doing(...steps: ScenarioStep[]): Scenario {
  return { ...readScenario('conversation'), steps };
}

export const ASKS: ScenarioStep = {
  do: 'speak',
  audio: 'caller-i-would-like-to-ask',
  when: { afterAssistantQuietMs: 600 },
};
export const HANGS_UP: ScenarioStep = { do: 'hangUp', when: { afterAssistantQuietMs: 400 } };
