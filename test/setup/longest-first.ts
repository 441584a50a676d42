import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest, first. Whatever starts last alone decides when its tier ends. */
const LONGEST = [
  'app/machines/failover.realtime',
  'acceptance/accuracy.realtime',
  'acceptance/speech-to-speech-accuracy.realtime',
  'crash/kill.realtime',
  'app/failing-services.realtime',
  'app/machines/rolling-restart.realtime',
  'app/machines/lost-machine.realtime',
  'app/machines/two-machines.realtime',
  'app/machines/redis-outage.realtime',
  'app/machines/worker.external',
  'app/machines/finalization-jobs.external',
  'app/machines/shared-changes.external',
  'build/package.external',
  'catalogue/dynamo.external',
  'audio/formats/encoders.external',
  'crash/mounted-disks.external',
  'cli/setup/setup-terminal.external',
  'crash/catalogued-call.external',
  'catalogue/dynamo-crashes.external',
  'pages/docs.browser',
  'pages/desk.browser',
  'pages/dictation.browser',
  'pages/phone-trouble.browser',
  'pages/server-status.browser',
];

/** Starts the longest files first. The others keep Vitest's order. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = new Map(sorted.map((file, i) => [file, rankOf(file) ?? LONGEST.length + i]));
    return sorted.toSorted((a, b) => rank.get(a)! - rank.get(b)!);
  }
}

function rankOf({ moduleId }: TestSpecification): number | undefined {
  const rank = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return rank < 0 ? undefined : rank;
}
