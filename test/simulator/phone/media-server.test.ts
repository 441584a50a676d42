import { describe, expect, it } from 'vitest';
import type { MediaServerOptions, TimedText } from '../../../src/simulator/phone/media-server.ts';
import { MediaServer } from '../../../src/simulator/phone/media-server.ts';

const STREAM = 'MZ00000000000000000000000000000001';

function server(options: Partial<MediaServerOptions> = {}): MediaServer {
  const callSid = 'CA00000000000000000000000000000001';
  const accountSid = 'AC00000000000000000000000000000001';
  return new MediaServer({ streamSid: STREAM, callSid, accountSid, customParameters: {}, ...options });
}

const tone = (bytes: number, code = 0x20) => new Uint8Array(bytes).fill(code);
const media = (mulaw: Uint8Array) =>
  JSON.stringify({
    event: 'media',
    streamSid: STREAM,
    media: { payload: Buffer.from(mulaw).toString('base64') },
  });
const mark = (name: string) => JSON.stringify({ event: 'mark', streamSid: STREAM, mark: { name } });
const clear = JSON.stringify({ event: 'clear', streamSid: STREAM });

interface Wire {
  event: string;
  sequenceNumber?: string;
  media?: { track: string; chunk: string; timestamp: string; payload: string };
  mark?: { name: string };
}
const read = (sent: readonly TimedText[]) =>
  sent.map(({ atMs, text }) => ({ atMs, ...(JSON.parse(text) as Wire) }));
const marks = (sent: readonly TimedText[]) =>
  read(sent).flatMap((m) => (m.mark ? [`${m.mark.name}@${String(m.atMs)}`] : []));
const stamps = (sent: readonly TimedText[]) => read(sent).flatMap((m) => m.media?.timestamp ?? []);

describe('MediaServer, sending', () => {
  it('sends connected, start and then a frame of 160 bytes every 20 ms, all numbers as strings', () => {
    const sent = server({ customParameters: { token: 'abc' } }).advance(40);
    expect(sent.map((m) => JSON.parse(m.text) as unknown)).toMatchObject([
      { event: 'connected', protocol: 'Call', version: '1.0.0' },
      {
        event: 'start',
        sequenceNumber: '1',
        streamSid: STREAM,
        start: {
          streamSid: STREAM,
          callSid: 'CA00000000000000000000000000000001',
          accountSid: 'AC00000000000000000000000000000001',
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: { token: 'abc' },
        },
      },
      { event: 'media', sequenceNumber: '2', media: { track: 'inbound', chunk: '1', timestamp: '0' } },
      { event: 'media', sequenceNumber: '3', media: { track: 'inbound', chunk: '2', timestamp: '20' } },
      { event: 'media', sequenceNumber: '4', media: { track: 'inbound', chunk: '3', timestamp: '40' } },
    ]);
    expect(sent.map((m) => m.atMs)).toEqual([0, 0, 0, 20, 40]);
    expect(Buffer.from(read(sent)[2]?.media?.payload ?? '', 'base64')).toEqual(Buffer.alloc(160, 0xff));
  });

  it("sends the caller's speech at its stream time, shifted only past a frame already sent", () => {
    const phone = server({ firstTimestampMs: 5 });
    phone.advance(30);
    expect(phone.callerSpeaks(tone(80), 30)).toBe(45);
    phone.advance(100);
    const track = phone.callerTrack();
    expect(track.length).toBe(800);
    expect(track.indexOf(0x20)).toBe(45 * 8);
    expect(track.lastIndexOf(0x20)).toBe(45 * 8 + 79);
  });

  it('omits lost frames and keeps counting chunks and timestamps', () => {
    const phone = server();
    phone.callerSpeaks(tone(1600), 0);
    phone.lose(40, 80);
    const sent = phone.advance(120);
    expect(stamps(sent)).toEqual(['0', '20', '80', '100', '120']);
    expect(read(sent).flatMap((m) => m.media?.chunk ?? [])).toEqual(['1', '2', '3', '4', '5']);
    expect(phone.callerTrack().subarray(320, 640)).toEqual(tone(320, 0xff));
    expect(phone.callerTrack().subarray(640, 960)).toEqual(tone(320));
  });

  it('sends nothing during silence if configured', () => {
    const phone = server({ sendSilence: false });
    phone.callerSpeaks(tone(320), 100);
    expect(stamps(phone.advance(1000))).toEqual(['100', '120']);
  });

  it('cuts frames of other sizes whose timestamps follow their lengths', () => {
    const phone = server({ chunkBytes: [37, 211] });
    phone.callerSpeaks(tone(8000), 0);
    const sent = read(phone.advance(100)).filter((m) => m.media);
    expect(sent.slice(0, 4).map((m) => m.media?.timestamp)).toEqual(['0', '4', '31', '35']);
    expect(sent.slice(0, 4).map((m) => m.atMs)).toEqual([0, 4.625, 31, 35.625]);
    expect(sent.slice(0, 2).map((m) => Buffer.from(m.media?.payload ?? '', 'base64').length)).toEqual([
      37, 211,
    ]);
  });

  it('repeats and swaps frames if configured, in one continuous sequence', () => {
    const sent = server({ duplicateEvery: 3, swapEvery: 4 }).advance(100);
    expect(stamps(sent)).toEqual(['0', '20', '40', '40', '80', '60', '100', '100']);
    const numbers = read(sent).flatMap((m) => m.sequenceNumber ?? []);
    expect(numbers).toEqual(numbers.map((_, i) => String(i + 1)));
  });

  it('sends keys as they are pressed and stop last', () => {
    const phone = server();
    expect(JSON.parse(phone.press('5', 30).at(-1)?.text ?? '')).toMatchObject({
      event: 'dtmf',
      sequenceNumber: '4',
      dtmf: { track: 'inbound_track', digit: '5' },
    });
    phone.receive(media(tone(800)), 35);
    phone.receive(mark('never'), 35);
    const last = phone.stop(50);
    expect(JSON.parse(last.at(-1)?.text ?? '')).toMatchObject({
      event: 'stop',
      stop: { callSid: 'CA00000000000000000000000000000001' },
    });
    expect(marks(last)).toEqual([]);
    expect(phone.advance(5000)).toEqual([]);
    expect(phone.playedAssistant().length).toBe(400);
  });
});

describe('MediaServer, playing', () => {
  it('starts at once on an empty queue, then plays without a gap, to the sample', () => {
    const phone = server();
    phone.receive(media(tone(100, 1)), 10.3);
    phone.receive(media(tone(100, 2)), 11);
    phone.receive(media(tone(100, 3)), 50);
    phone.advance(100);
    const played = phone.playedAssistant();
    expect(played.indexOf(1)).toBe(83);
    expect(played.indexOf(2)).toBe(183);
    expect(played.indexOf(3)).toBe(400);
    expect(played.filter((code) => code !== 0xff).length).toBe(300);
  });

  it('returns a mark exactly when the queue reaches it, between the right frames', () => {
    const phone = server();
    phone.receive(media(tone(1000)), 7);
    expect(marks(phone.receive(mark('end'), 7))).toEqual([]);
    const sent = read(phone.advance(160));
    expect(sent.map((m) => m.mark?.name ?? m.media?.timestamp).slice(-4)).toEqual([
      '120',
      'end',
      '140',
      '160',
    ]);
    expect(sent.find((m) => m.mark)?.atMs).toBe(132);
  });

  it('returns a mark at once when nothing is queued', () => {
    const phone = server();
    expect(marks(phone.receive(mark('lead'), 33.5))).toEqual(['lead@33.5']);
  });

  it('returns all pending marks on clear, in order, and what follows the clear behind them', () => {
    const phone = server();
    phone.receive(media(tone(800, 1)), 0);
    phone.receive(mark('a'), 0);
    phone.receive(media(tone(800, 2)), 0);
    phone.receive(mark('b'), 0);
    expect(marks(phone.advance(120))).toEqual(['a@100']);
    expect(marks(phone.receive(clear, 150))).toEqual(['b@150']);
    expect(marks(phone.receive(mark('fence'), 150))).toEqual(['fence@150']);
    expect(phone.playout.isPlaying(151)).toBe(false);
    phone.advance(400);
    const played = phone.playedAssistant();
    expect(played.filter((code) => code === 2).length).toBe(400);
    expect(played.lastIndexOf(2)).toBe(150 * 8 - 1);
  });

  it('plays from the time of arrival after a clear', () => {
    const phone = server();
    phone.receive(media(tone(8000, 1)), 0);
    phone.receive(clear, 100);
    phone.receive(media(tone(80, 2)), 130);
    phone.advance(200);
    expect(phone.playedAssistant().indexOf(2)).toBe(1040);
    expect(phone.playout.firstHeardMs(101)).toBe(130);
    expect(phone.playout.quietSinceMs(200)).toBe(140);
    expect(phone.playout.quietSinceMs(135)).toBeUndefined();
    expect(phone.playout.queuedMs(135)).toBe(5);
  });

  it('can delay marks, except those of a clear', () => {
    const phone = server({ markLateMs: 30 });
    phone.receive(media(tone(80)), 0);
    phone.receive(mark('late'), 0);
    expect(marks(phone.advance(100))).toEqual(['late@40']);
    phone.receive(mark('cleared'), 100);
    expect(marks(phone.receive(clear, 110))).toEqual(['cleared@110']);
  });

  it.each([
    ['a binary frame', new Uint8Array([1, 2]), 31950],
    ['no JSON', '{', 31951],
    ['an array', '[]', 31951],
    ['an unknown event', JSON.stringify({ event: 'play', streamSid: STREAM }), 31951],
    ['an inherited name as event', JSON.stringify({ event: 'toString', streamSid: STREAM }), 31951],
    ['a foreign streamSid', JSON.stringify({ event: 'clear', streamSid: 'MZ2' }), 31951],
    ['no streamSid', JSON.stringify({ event: 'clear' }), 31951],
    [
      'an unexpected field',
      JSON.stringify({ event: 'clear', streamSid: STREAM, sequenceNumber: '1' }),
      31951,
    ],
    [
      'an unexpected inner field',
      JSON.stringify({ event: 'media', streamSid: STREAM, media: { payload: '//8=', track: 'outbound' } }),
      31951,
    ],
    ['a mark without a name', JSON.stringify({ event: 'mark', streamSid: STREAM, mark: {} }), 31951],
    ['bad base64', JSON.stringify({ event: 'media', streamSid: STREAM, media: { payload: '/' } }), 31951],
  ])('warns of %s, plays nothing of it and continues', (_name, frame, code) => {
    const phone = server();
    phone.receive(frame, 10);
    expect(phone.warnings.map((warning) => warning.code)).toEqual([code]);
    expect(phone.playout.isPlaying(10)).toBe(false);
    expect(marks(phone.receive(mark('still here'), 20))).toEqual(['still here@20']);
  });

  it('refuses more than ten minutes of queued audio', () => {
    const phone = server();
    phone.receive(media(tone(600_000 * 8)), 0);
    phone.receive(media(tone(160)), 0);
    expect(phone.warnings.map((warning) => warning.code)).toEqual([31931]);
    phone.receive(media(tone(160)), 20);
    expect(phone.warnings.length).toBe(1);
  });
});
