import { seededRandom } from '../../src/simulator/seeded-random.ts';
import type { RehearsalOptions } from './stream-rehearsal.ts';

export interface RandomTalk {
  /** Fixed delays of 20–150 ms each way, unequal, with up to 60 ms of jitter. */
  readonly network: boolean;
  /** Our event loop stalls now and then. */
  readonly stalls?: boolean;
  /** The media server sends nothing while the caller is silent. */
  readonly silentLine?: boolean;
}

const STOP_MS = 20_000;

/** Twenty seconds of an assistant that speaks fast, slowly and haltingly and is interrupted; the same for the same seed. */
export function randomTalk({ network, stalls, silentLine }: RandomTalk, seed: number): RehearsalOptions {
  const random = seededRandom(seed * 7_919);
  const known = seededRandom(seed * 104_729);
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least + 1));
  const delay = (extra: number) => ({
    fixedMs: between(20, 150),
    jitterMs: silentLine ? 0 : between(0, 60),
    seed: seed * 3 + extra,
  });
  const acts: RehearsalOptions['acts'][number][] = [];
  for (let atMs = 400; atMs < STOP_MS - 1_500;) {
    const ms = between(200, 4_000);
    const kind = random();
    const chunkMs = between(10, 400);
    const halting = kind < 0.3;
    const everyMs = halting
      ? Math.round(chunkMs * (0.9 + random() * 0.6))
      : between(1, Math.max(1, chunkMs >> 1));
    // Also where a voice is wrongly taken for a steady one.
    const playoutDelayMs = known() < 0.5 ? Math.round(known() * 100) : undefined;
    acts.push({ atMs, do: 'say', ms, chunkMs, everyMs, playoutDelayMs });
    if (kind > 0.65) {
      acts.push({ atMs: atMs + between(0, ms + 300), do: 'clear' });
      atMs += ms + between(300, 800);
    } else atMs += random() < 0.4 ? between(0, 300) : ms + between(-200, 3_000);
    if (stalls && random() < 0.4)
      acts.push({ atMs: atMs + between(-500, 500), do: 'stall', ms: between(50, 600) });
  }
  for (let atMs = 300; silentLine && atMs < STOP_MS; atMs += between(3_000, 9_000))
    acts.push({ atMs, do: 'hear', ms: between(100, 1_500) });
  return {
    acts,
    stopMs: between(STOP_MS - 1_000, STOP_MS),
    media: { firstTimestampMs: between(0, 40), sendSilence: !silentLine },
    ...(network && { up: delay(0), down: delay(1) }),
  };
}
