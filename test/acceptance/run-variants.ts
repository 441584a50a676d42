import type { CallReport } from '../../src/simulator/call-report.ts';
import { readAllScenarios } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, placeCall } from '../../src/simulator/phone/simulated-phone.ts';
import type { RequestSeen } from '../doubles/fake-openai-options.ts';
import { startFakeOpenAi } from '../doubles/fake-openai.ts';
import type { RealtimeServer } from '../doubles/realtime/realtime-server.ts';
import { startScenarioRealtime } from '../doubles/realtime/scenario-realtime.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { Offhook, SIGNED } from '../support/test-server.ts';
import { STALLING, type Variant } from './variants.ts';

/** Who replies. */
export type Engine = 'pipeline' | 'realtime';

/** A variant's call as Twilio saw it, and where its files are. */
export interface PlayedVariant {
  readonly variant: Variant;
  readonly engine: Engine;
  readonly report: CallReport;
  readonly offhook: Offhook;
}

export interface Runs {
  readonly played: readonly PlayedVariant[];
  readonly requests: readonly RequestSeen[];
  /** The model that replies, if it is one. */
  readonly realtime: RealtimeServer | undefined;
  close(): Promise<void>;
}

/** All variants at the same time, each a call of its own over real sockets: one server for stereo, one for mono. */
export async function runVariants(
  variants: readonly Variant[],
  engine: Engine = 'pipeline',
  settings: Readonly<Record<string, string>> = {},
): Promise<Runs> {
  const openAi = await startFakeOpenAi({
    scenarios: readAllScenarios(),
    faultFor: (service, body) =>
      service === 'speech' && String(body['input']).includes(STALLING.part)
        ? { kind: 'stall', afterPieces: STALLING.afterPieces, ms: STALLING.ms }
        : undefined,
  });
  const realtime =
    engine === 'realtime' ? await startScenarioRealtime(readAllScenarios(), { stall: STALLING }) : undefined;
  const services = {
    ...{ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: openAi.url, ASSISTANT: engine, ...settings },
    ...(realtime && {
      REALTIME_BASE_URL: realtime.baseUrl.replace('http', 'ws'),
      SERVICE_CHECK_MINUTES: '0',
    }),
  };
  const servers = {
    stereo: await Offhook.start({ ...SIGNED, ...services, RECORDING_CHANNELS: 'stereo' }),
    mono: await Offhook.start({ ...SIGNED, ...services, RECORDING_CHANNELS: 'mono' }),
  };
  const played = await Promise.all(
    variants.map(async (variant, index) => {
      const offhook = servers[variant.channels];
      const report = await playVariant(variant, offhook, index);
      await offhook.finished(report.callSid);
      return { variant, engine, report, offhook };
    }),
  );
  return {
    played,
    requests: openAi.requests,
    realtime,
    close: async () => {
      await Promise.all([servers.stereo.close(), servers.mono.close()]);
      await openAi.close();
      await realtime?.close();
    },
  };
}

/** The format is asked for as soon as the call is answered. */
async function playVariant(
  { scenario, up, down, format }: Variant,
  offhook: Offhook,
  seed: number,
): Promise<CallReport> {
  const callSid = newSid('CA');
  let asked: Promise<Response> | undefined;
  const simulated = scenarioCall(scenario, seed);
  const report = await placeCall({
    ...offhook.signedAddress,
    caller: simulated.caller,
    network: { up: up ?? simulated.network?.up, down: down ?? simulated.network?.down },
    callSid,
    log: 'nothing',
    onProgress: ({ kind }) => {
      if (kind === 'stream') asked ??= offhook.setFormat(callSid, format);
    },
  });
  const answer = await asked;
  if (answer?.status !== 200) throw new Error(`the format ${format} was not set`);
  return report;
}
