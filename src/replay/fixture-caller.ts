import type { CallerAct, Director } from './caller-script.ts';
import { isRecord } from './json-object.ts';
import type { Fixture, WireEntry } from './fixture.ts';
import { RecordedMediaServer } from './recorded-media-server.ts';
import type { RecordedMessage } from './recorded-media-server.ts';
import type { CallOptions } from './simulated-phone.ts';

/** One stream of a recorded call. */
export interface RecordedStream {
  /** Its stream time 0 in the time of the fixture. */
  readonly startedAtMs: number;
  /** What Twilio sent after `start`, in stream time. */
  readonly messages: readonly RecordedMessage[];
  readonly stopped: boolean;
}

/** A stream that ended without `stop` was broken, or closed by the application, which is given this time to do so again. */
const CLOSING_MS = 3000;

/** The streams of a call: each begins with its `start`. What comes before the first is left out. */
export function recordedStreams(fixture: Fixture): RecordedStream[] {
  const streams: { startedAtMs: number; messages: RecordedMessage[]; stopped: boolean }[] = [];
  const wire = fixture.entries.filter(
    (entry): entry is WireEntry => 'message' in entry && entry.from === 'twilio',
  );
  for (const { atMs, message } of wire) {
    if (message['event'] === 'start') streams.push({ startedAtMs: atMs, messages: [], stopped: false });
    const stream = streams.at(-1);
    if (!stream || message['event'] === 'start' || message['event'] === 'connected') continue;
    stream.messages.push({ atMs, message });
    if (message['event'] === 'stop') stream.stopped = true;
  }
  return streams.map(({ startedAtMs, messages, stopped }) => {
    const zeroMs = streamZero(startedAtMs, messages);
    const shifted = messages.map(({ atMs, message }) => ({ atMs: Math.max(0, atMs - zeroMs), message }));
    return { startedAtMs: zeroMs, messages: shifted, stopped };
  });
}

/**
 * A frame cannot have come before its timestamp, so the quickest of them all tells where the stream's time began; the
 * arrival of `start` itself was as late as the network made it.
 */
function streamZero(startedAtMs: number, messages: readonly RecordedMessage[]): number {
  const zeros = messages.map(
    ({ atMs, message: { media } }) => atMs - (isRecord(media) ? Number(media['timestamp']) : NaN),
  );
  const believable = zeros.filter((zero) => Math.abs(zero - startedAtMs) < 1000);
  return believable.reduce((least, zero) => Math.min(least, zero), startedAtMs);
}

/** What `placeCall` needs to let a recorded caller call again. */
export function fixtureCaller(fixture: Fixture): Pick<CallOptions, 'from' | 'to' | 'director' | 'side'> {
  const streams = recordedStreams(fixture);
  const { from, to } = fixture.header;
  let made = 0;
  return {
    ...{ from, to, director: new RecordedDirector(streams) },
    side: (names) => new RecordedMediaServer(names, streams[made++]?.messages ?? []),
  };
}

/** Ends the streams that did not end with `stop`; all else comes from the recording itself. */
class RecordedDirector implements Director {
  readonly #streams: readonly RecordedStream[];
  #current = -1;

  constructor(streams: readonly RecordedStream[]) {
    this.#streams = streams;
  }

  newStream(): void {
    this.#current++;
  }

  due(_playout: unknown, nowMs: number): readonly CallerAct[] {
    const stream = this.#streams[this.#current];
    const when = { atMs: nowMs };
    // More streams than were recorded: the caller is not there any more.
    if (!stream) return [{ do: 'hangUp', when }];
    const endMs = (stream.messages.at(-1)?.atMs ?? 0) + CLOSING_MS;
    if (stream.stopped || nowMs < endMs) return [];
    const last = this.#current === this.#streams.length - 1;
    return [{ do: last ? 'hangUp' : 'breakStream', when }];
  }
}
