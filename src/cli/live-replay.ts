import { openConfiguredCatalogue } from '../app/open-configured-catalogue.ts';
import { createServer } from '../app/server.ts';
import type { PromptBook } from '../call/dialog/prompts.ts';
import type { TurnSettings } from '../audio/speech/turn-detector.ts';
import type { CallEvent } from '../events/call-events.ts';
import type { TalkSettings } from '../events/call-settings.ts';
import type { Log } from '../log.ts';
import type { CallFiles } from '../records/write-call-files.ts';
import type { Settings } from '../settings/settings.ts';
import { fixtureCaller } from '../simulator/fixtures/fixture-caller.ts';
import { fixtureServices } from '../simulator/fixtures/fixture-services.ts';
import type { Fixture } from '../simulator/fixtures/fixture.ts';
import { newSid, placeCall } from '../simulator/phone/simulated-phone.ts';

export interface LiveReplayOptions {
  readonly settings: Settings;
  readonly prompts: PromptBook;
  readonly log: Log;
  readonly version: string;
  readonly watch?: ((event: CallEvent) => void) | undefined;
}

export interface LiveReplay {
  readonly callSid: string;
  readonly files: CallFiles;
  /** Errors during the call; empty if there were none. */
  readonly errors: readonly string[];
}

/**
 * Calls the real server with a recorded caller, over a real socket and in real time; the services return their recorded
 * answers. The server runs in this process on a free port; calls of other processes are not affected.
 */
export async function liveReplay(fixture: Fixture, options: LiveReplayOptions): Promise<LiveReplay> {
  const { prompts, log, version, watch } = options;
  const settings = withRecordedTurns(options.settings, fixture);
  const callSid = newSid('CA');
  const finished = withResolvers<CallFiles>();
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const catalogue = await openConfiguredCatalogue(settings, log);
  const app = await createServer({
    settings,
    log,
    assistant: { services: fixtureServices(fixture, sleep), prompts },
    release: { version },
    records: { catalogue, skipMaintenance: true },
    observer: {
      event: (_callSid, event) => watch?.(event),
      finished: (news) => {
        if (news.kind === 'finished') finished.resolve(news.files);
      },
    },
  });
  try {
    const port = await app.listen(0, '127.0.0.1');
    const report = await placeCall({
      caller: fixtureCaller(fixture),
      baseUrl: `http://127.0.0.1:${port}`,
      callSid,
    });
    if (report.streams.length === 0)
      throw new Error(`the call was not answered: ${report.errors.join('; ')}`);
    return { callSid, files: await finished.promise, errors: report.errors };
  } finally {
    await app.close(0);
  }
}

/** Texts are requested when, and spoken as, they were in the recorded call: its services answered nothing else. */
function withRecordedTurns(settings: Settings, { header }: Fixture): Settings {
  const { turns, talk } = header.settings as { turns?: Partial<TurnSettings>; talk?: Partial<TalkSettings> };
  const eagerReplies = talk?.eagerReplies ?? 'off';
  const spokenForm = talk?.spokenForm ?? 'off';
  const { call } = settings;
  return {
    ...settings,
    call: {
      ...call,
      turns: { ...call.turns, pauseMs: turns?.pauseMs },
      talk: { ...call.talk, eagerReplies, spokenForm },
    },
  };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
