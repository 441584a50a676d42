import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createServices } from '../../app/services/create-services.ts';
import { loadPrompts } from '../../app/load-prompts.ts';
import { openConfiguredCatalogue } from '../../app/open-configured-catalogue.ts';
import { createServer } from '../../app/server.ts';
import type { CallEvent } from '../../events/call-events.ts';
import { createLog } from '../../log.ts';
import { ServerProfiles } from '../../openai/server/server-profiles.ts';
import type { CallFiles } from '../../records/write-call-files.ts';
import type { Settings } from '../../settings/settings.ts';
import type { CallReport } from '../../simulator/call-report.ts';
import { readFixture } from '../../simulator/fixtures/fixture.ts';
import { testCaller } from '../../simulator/fixtures/test-caller.ts';
import { startCall } from '../../simulator/phone/simulated-phone.ts';
import { DataDirectory } from '../../storage/data-directory.ts';
import { PACKAGE_ROOT, packageVersion, shippedPrompts } from '../../storage/package-files.ts';

/** The first question of this recorded caller is asked. */
const RECORDED_CALL = 'fixtures/calls/barge-in.jsonl';
/** A number that Twilio reserves for tests. */
const CALLER = '+15005550006';
const MAX_CALL_MS = 120_000;
const MAX_FINISH_MS = 60_000;

export interface TestCallOptions {
  readonly settings: Settings;
  /** The number that is called. */
  readonly number: string | undefined;
  /** Where the server listens: its own port if that is free and `PUBLIC_URL` leads to it. */
  readonly isPublic: boolean;
  readonly watch: (event: CallEvent) => void;
}

export interface TestCall {
  readonly report: CallReport;
  readonly files: CallFiles;
}

/**
 * Calls the real server with the configured services: as Twilio does, signed and through PUBLIC_URL if that leads here, over
 * real sockets in real time. The caller asks one recorded question, hears the answer and hangs up.
 */
export async function placeTestCall({
  settings,
  number,
  isPublic,
  watch,
}: TestCallOptions): Promise<TestCall> {
  const log = createLog({ level: 'silent' });
  const shipped = shippedPrompts();
  const prompts = await loadPrompts(settings.promptsDirectory, shipped, settings.language);
  const profiles = new ServerProfiles({ file: DataDirectory.serverProfiles(settings.recording.directory) });
  const catalogue = await openConfiguredCatalogue(settings, log);
  let wrote: (files: CallFiles) => void = () => undefined;
  const finished = new Promise<CallFiles>((resolve) => (wrote = resolve));
  const server = await createServer({
    settings,
    log,
    assistant: { services: createServices(settings, profiles), prompts: prompts.book, profiles },
    release: { version: packageVersion() },
    records: { catalogue, skipMaintenance: true },
    observer: {
      event: (_callSid, event) => watch(event),
      finished: (news) => {
        if (news.kind === 'finished') wrote(news.files);
      },
    },
  });
  try {
    const port = await (isPublic
      ? server.listen(settings.port, settings.host)
      : server.listen(0, '127.0.0.1'));
    const { accountSid, authToken } = settings.twilio;
    const publicUrl = settings.publicUrl?.href.replace(/\/+$/, '');
    const recorded = readFixture(readFileSync(path.join(PACKAGE_ROOT, RECORDED_CALL), 'utf8'));
    const call = startCall({
      caller: testCaller(recorded, CALLER, number ?? 'test'),
      baseUrl: isPublic && publicUrl !== undefined ? publicUrl : `http://127.0.0.1:${port}`,
      publicUrl: authToken === undefined ? undefined : publicUrl,
      authToken,
      accountSid,
    });
    const limit = setTimeout(() => call.hangUp(), MAX_CALL_MS);
    const report = await call.report.finally(() => clearTimeout(limit));
    if (report.streams.length === 0)
      throw new Error(`the call was not answered: ${report.errors.join('; ')}`);
    return { report, files: await within(finished, settings.limits.finishWaitMs + MAX_FINISH_MS) };
  } finally {
    await server.close(0);
    await profiles.saved();
  }
}

function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`its files were not written within ${limitMs / 1_000} s`)),
      limitMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
