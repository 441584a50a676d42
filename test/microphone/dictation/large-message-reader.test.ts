import { describe, expect, it } from 'vitest';
import { EventLoopScheduler } from '../../../src/microphone/dictation/event-loop-scheduler.ts';
import { readLargeMessage } from '../../../src/microphone/dictation/large-message-reader.ts';

const bytes = Buffer.from(Uint8Array.from({ length: 300_001 }, (_, i) => (i * 7_919) % 256));
const base64 = bytes.toString('base64');
const read = (text: string) => readLargeMessage(Buffer.from(text), new EventLoopScheduler());

describe('a large audio message', () => {
  it('is read in pieces, in any JSON notation', async () => {
    for (const text of [
      `{"type":"audio","audio":"${base64}"}`,
      ` { "type" : "audio" , "audio" : "${base64}" }\n`,
      `{"audio":"${base64}","type":"audio"}`,
    ])
      expect(bytes.equals((await read(text))!)).toBe(true);
  });

  it('is rejected if it is no base64 or of another type', async () => {
    for (const text of [
      `{"type":"audio","audio":"${base64}*"}`,
      `{"type":"audio","audio":"${base64.slice(0, 100_000)}*${base64.slice(100_001)}"}`,
      `{"type":"audio","audio":"${base64.slice(0, 65_534)}==${base64.slice(65_536)}"}`,
      `{"type":"audio","audio":"${base64}","audio":"${base64}"}`,
      `{"type":"video","audio":"${base64}"}`,
      `"${base64}"`,
      base64,
    ])
      expect(await read(text)).toBeUndefined();
  });

  it('yields to the event loop between its pieces', async () => {
    let turns = 0;
    const counting = (): void => {
      turns += 1;
      if (turns < 1_000) next = setImmediate(counting);
    };
    let next = setImmediate(counting);
    await read(`{"type":"audio","audio":"${base64}"}`);
    clearImmediate(next);
    expect(turns).toBeGreaterThanOrEqual(6);
  });
});
