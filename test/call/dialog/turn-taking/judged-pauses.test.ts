import { describe, expect, it } from 'vitest';
import { type EndOfTurnModel, ServiceError } from '../../../../src/call/ports.ts';
import type { VirtualClock } from '../../../../src/simulator/virtual-clock.ts';
import { RehearsedCall, USUAL } from '../../rehearsed-call.ts';
import { talk } from '../../scripted-talk.ts';

/** Says the same of every pause; an Error is thrown. */
class ScriptedModel implements EndOfTurnModel {
  readonly server = 'turns.example';
  readonly heardMs: number[] = [];
  isAvailable = true;
  cancelled = 0;

  readonly #clock: VirtualClock;
  readonly #says: number | Error;
  readonly #afterMs: number;

  constructor(clock: VirtualClock, says: number | Error, afterMs = 40) {
    this.#clock = clock;
    this.#says = says;
    this.#afterMs = afterMs;
  }

  async probability(speech: Uint8Array, signal: AbortSignal): Promise<number> {
    this.heardMs.push(speech.length / 8);
    signal.addEventListener('abort', () => (this.cancelled += 1));
    await this.#clock.sleep(this.#afterMs);
    if (this.#says instanceof Error) throw this.#says;
    return this.#says;
  }
}

/** A call whose greeting was heard; the caller says `text`, and a model judges the pause. */
async function scene(text: string, says?: number | Error, afterMs?: number) {
  const clock = RehearsedCall.clock();
  const endOfTurnModel = says === undefined ? undefined : new ScriptedModel(clock, says, afterMs);
  const talked = talk(
    { texts: [{ afterMs: 50, give: text }], replies: ['We are open until six.'] },
    {
      clock,
      endOfTurnModel,
      settings: {
        turns: { ...USUAL.turns, pauseMs: 180 },
        talk: { eagerReplies: 'reply', language: 'en' },
      },
    },
  );
  await talked.call.heardOut();
  return { ...talked, model: endOfTurnModel };
}

/** From the caller's last frame to the end of the turn. */
async function turnEndsAfterMs({ call }: Awaited<ReturnType<typeof scene>>): Promise<number> {
  await call.callerSays(1_000);
  return call.until(() => call.journal.of('utterance').length > 0);
}

describe('a model that judges pauses', () => {
  it.each([
    ['ends a turn sooner where the words leave it open', 'Open on Sunday', 0.95, 350],
    ['ends it later there', 'Open on Sunday', 0.05, 1_500],
    ['lets a finished sentence wait as long as an open one', 'Are you open?', 0.05, 700],
    ['does not end an unfinished sentence', 'My number is', 0.95, 1_500],
    ['changes nothing if it is unsure', 'Open on Sunday', 0.5, 700],
    ['changes nothing if it does not answer in time', 'Open on Sunday', 0.95, 700, 5_000],
    ['changes nothing without a text', '', 0.95, 700],
  ])('%s', async (_, text, says, expectedMs, afterMs = 40) => {
    const ms = await turnEndsAfterMs(await scene(text, says, afterMs));
    expect(Math.abs(ms - expectedMs)).toBeLessThanOrEqual(40);
  });

  it('counts when it answers after the text, too', async () => {
    expect(await turnEndsAfterMs(await scene('Open on Sunday', 0.95, 120))).toBeLessThan(400);
    expect(await turnEndsAfterMs(await scene('Are you open?', 0.05, 120))).toBeGreaterThan(650);
  });

  it('hears the speech up to the pause, and its answer is in the journal', async () => {
    const judged = await scene('Open on Sunday', 0.95);
    await turnEndsAfterMs(judged);
    expect(judged.model!.heardMs).toHaveLength(1);
    expect(judged.model!.heardMs[0]).toBeGreaterThanOrEqual(1_000);
    const [answer] = judged.call.journal
      .of('answer')
      .filter(({ answer }) => answer.service === 'end-of-turn');
    expect(answer!.answer).toMatchObject({ pieces: [{ text: '0.95' }] });
    expect(answer!.answer.request).toMatch(/^turn 1, \d+ ms$/u);
  });

  it('that fails leaves the decision to the words, and the failure is recorded', async () => {
    const details = { said: 'connect ECONNREFUSED 127.0.0.1:9' };
    const error = new ServiceError('end-of-turn', 'judging a pause', { transient: true, details });
    const judged = await scene('Are you open?', error);
    expect(await turnEndsAfterMs(judged)).toBeLessThan(400);
    await judged.call.heardOut();
    expect(judged.call.transcript).toContain('Assistant: We are open until six.');
    const failures = judged.call.journal.of('answer').flatMap(({ answer }) => answer.failure ?? []);
    expect(failures).toEqual([
      {
        kind: 'service',
        server: 'turns.example',
        status: undefined,
        code: undefined,
        said: 'connect ECONNREFUSED 127.0.0.1:9',
        did: 'decided by the words alone when the turn was over',
      },
    ]);
  });

  it('is not asked while it has failed repeatedly', async () => {
    const judged = await scene('Open on Sunday', 0.95);
    judged.model!.isAvailable = false;
    expect(Math.abs((await turnEndsAfterMs(judged)) - 700)).toBeLessThanOrEqual(40);
    expect(judged.model!.heardMs).toEqual([]);
  });

  it('is not waited for when the caller goes on: its answer is about that pause alone', async () => {
    const judged = await scene('Open on Sunday', 0.95, 400);
    await judged.call.callerSays(600);
    await judged.call.run(300);
    await judged.call.callerSays(600);
    await judged.call.run(200);
    expect(judged.model!.cancelled).toBe(1);
    expect(judged.model!.heardMs).toHaveLength(2);
    expect(judged.call.journal.of('utterance')).toEqual([]);
  });

  it('is asked five times in a turn at most', async () => {
    const judged = await scene('My number is', 0.05);
    for (let at = 0; at < 8; at += 1) {
      await judged.call.callerSays(300);
      await judged.call.run(300);
    }
    expect(judged.model!.heardMs).toHaveLength(5);
  });
});
