import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/simulator/fixtures/scenario.ts';
import { accuracyTable } from './accuracy-table.ts';
import { type Measured, measureVariant } from './measure-variant.ts';
import { type Engine, type PlayedVariant, type Runs, runVariants } from './run-variants.ts';
import { assistantLines, cutReplies, spokenWords } from './said-and-heard.ts';
import { STALLING, VARIANTS } from './variants.ts';

/** The longest call lasts three minutes, and all are played at once, in real time. */
const LONGEST_MS = 280_000;
const FILE_MS = 20;
const LEAST_CORRELATION = 0.98;
/** Within this time of `start` the greeting begins. */
const GREETING_MS = 2_000;

/** Where a sentence was cut before its voice was complete, its length is guessed by its letters. */
const wordsOff = ({ name }: Scenario): number => (name === STALLING.scenario ? 2 : 1);
/** A reply that goes on repeats the word at which it was cut, and up to 250 ms before it: so many words. */
const REPEATED_WORDS = 3;

/** What must hold of all calls, whichever engine replies. */
export function accuracySuite(engine: Engine, more: (runs: () => Runs) => void = () => undefined): void {
  let runs: Runs;
  const measured = new Map<string, Measured>();

  beforeAll(async () => {
    runs = await runVariants(VARIANTS, engine);
    for (const played of runs.played) measured.set(played.variant.name, measureVariant(played));
    process.stdout.write(`\n${accuracyTable([...measured.values()])}\n\n`);
  }, LONGEST_MS);
  afterAll(() => runs.close(), 30_000);

  const playedOf = (name: string): PlayedVariant => runs.played.find(({ variant }) => variant.name === name)!;

  describe.each(VARIANTS)('a call with $name', ({ name, channels, boundMs, scenario, resumes = 0 }) => {
    it('completes without warnings or errors', () => {
      const { report } = playedOf(name);
      expect(report.errors).toEqual([]);
      expect(report.streams.flatMap(({ warnings }) => warnings)).toEqual([]);
      expect(report.endedBy).toBe('caller');
    });

    it('has a recording as long as the stream', () => {
      const { report, offhook } = playedOf(name);
      const { lengthErrorMs, decodedErrorMs } = measured.get(name)!;
      const { streams } = offhook.json(report.callSid);
      expect(streams.length).toBe(report.streams.length);
      streams.forEach(({ lengthMs }, i) => {
        // What was under way when a stream broke never came.
        const boundOfStreamMs = i < streams.length - 1 ? boundMs : FILE_MS;
        expect(Math.abs(lengthMs - report.streams[i]!.lengthMs)).toBeLessThanOrEqual(boundOfStreamMs);
      });
      // Where two streams are joined, the join may add its own error.
      const joinMs = streams.length > 1 ? boundMs : 0;
      expect(Math.abs(decodedErrorMs)).toBeLessThanOrEqual(FILE_MS + joinMs);
      // What a container says of MP3 counts the decoder's delay too.
      if (offhook.json(report.callSid).audio?.format !== 'mp3')
        expect(Math.abs(lengthErrorMs)).toBeLessThanOrEqual(FILE_MS + joinMs);
    });

    // Which side a sound is on can be told in stereo alone.
    if (channels === 'stereo') {
      it('places the assistant where it was heard, with silence elsewhere', () => {
        const { pieces, strayMs } = measured.get(name)!.assistant!;
        expect(pieces.length).toBeGreaterThanOrEqual(4);
        expect(pieces[0]!.piece.from / 8).toBeLessThan(GREETING_MS);
        for (const { lagMs, endErrorMs, correlation } of pieces) {
          expect(Math.abs(lagMs)).toBeLessThanOrEqual(boundMs);
          expect(Math.abs(endErrorMs)).toBeLessThanOrEqual(boundMs);
          expect(correlation).toBeGreaterThanOrEqual(LEAST_CORRELATION);
        }
        expect(strayMs).toBe(0);
      });

      it('places the caller to the sample', () => {
        const { caller, callerBoundMs } = measured.get(name)!;
        expect(caller!.pieces.length).toBeGreaterThanOrEqual(3);
        for (const { lagMs, correlation } of caller!.pieces) {
          expect(Math.abs(lagMs)).toBeLessThan(callerBoundMs!);
          expect(correlation).toBeGreaterThanOrEqual(LEAST_CORRELATION);
        }
        expect(caller!.strayMs).toBe(0);
      });
    }

    it('has a transcript of the words in order, with unheard words only in the JSON', () => {
      const played = playedOf(name);
      const words = spokenWords(played);
      expect(words.caller).toEqual(words.callerSaid);
      expect(words.assistantOutOfOrder).toEqual([]);
      for (const cut of cutReplies(played)) {
        expect(cut.line).toMatch(/ —$/);
        expect(cut.whole).toBe(cut.written);
        expect(played.offhook.transcript(played.report.callSid)).not.toContain(cut.unheard);
        expect(played.offhook.summary(played.report.callSid)).not.toContain(cut.unheard);
        expect(cut.wordsOff).toBeLessThanOrEqual(wordsOff(scenario));
        expect(cut.wordsOff).toBeGreaterThanOrEqual(-wordsOff(scenario) - resumes * REPEATED_WORDS);
      }
    });

    if (resumes > 0) {
      it('has the reply in one line, and the words of assent in lines of their own', () => {
        const played = playedOf(name);
        const { report, offhook, variant } = played;
        const { reply } = variant.scenario.answers.replies[0]!;
        const isInterrupted = name.includes('interrupted');
        const lines = assistantLines(played).filter((line) => reply.startsWith(line.replace(/ —$/u, '')));
        expect(lines.length).toBe(1);
        if (!isInterrupted) expect(lines).toEqual([reply]);
        expect(cutReplies(played).length).toBe(isInterrupted ? 1 : 0);
        const { figures } = offhook.json(report.callSid);
        expect(figures.interruptions).toBe(resumes + (isInterrupted ? 1 : 0));
      });
    }

    if (scenario.name === 'long') {
      it('lasts three minutes, with at least five turns and two barge-ins', () => {
        const { report, offhook } = playedOf(name);
        const { durationMs, figures, turns } = offhook.json(report.callSid);
        expect(durationMs).toBeGreaterThan(165_000);
        expect(turns.filter(({ speaker }) => speaker === 'caller').length).toBeGreaterThanOrEqual(5);
        expect(figures.interruptions).toBe(2);
        expect(cutReplies(playedOf(name))).toHaveLength(2);
        for (const { talkedOverMs } of report.streams[0]!.speeches.filter(
          (one) => one.talkedOverMs !== undefined,
        ))
          expect(talkedOverMs).toBeLessThan(1_000);
        expect(figures.bargeInMs).toHaveLength(2);
        for (const ms of figures.bargeInMs!) expect(ms).toBeLessThan(1_000 + 2 * boundMs);
      });
    }
  });

  more(() => runs);
}
