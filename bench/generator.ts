import { answerQuestions } from './ask.ts';
import { CheapPhone, newCallSid, type PhoneFigures } from './cheap-phone.ts';
import { startCheapServices } from './cheap-services.ts';
import { percentile } from './percentile.ts';
import { PreparedFrames } from './prepared-frames.ts';

const TICK_MS = 1;

/** Measurements of the calls in an interval. */
export interface LoadFigures {
  readonly calls: number;
  readonly pingP50Ms: number;
  readonly pingP99Ms: number;
  readonly pingMaxMs: number;
  readonly pings: number;
  /** The lateness of the generator itself. */
  readonly lateP99Ms: number;
  readonly lost: number;
  readonly failed: number;
  readonly answers: number;
}

interface AddedCalls {
  readonly port: number;
  readonly calls: number;
  readonly overMs: number;
  readonly silent?: boolean;
  readonly isTls?: boolean;
}

const frames = new PreparedFrames();
/** Phones by the port of their server. */
const phones = new Map<CheapPhone, number>();
const figures: PhoneFigures = { roundTripsMs: [], latenessMs: [], lost: 0, failed: 0 };
const services = await startCheapServices();
let answersBefore = 0;

setInterval(() => {
  const nowMs = performance.now();
  for (const phone of phones.keys()) phone.tick(nowMs);
}, TICK_MS);

answerQuestions({
  services: () => services.url,
  /** Adds calls, spread evenly over that time. `silent`: they send no audio. `isTls`: through TLS. */
  add: async ({ port, calls, overMs, silent = false, isTls = false }: AddedCalls) => {
    for (let count = 0; count < calls; count += 1) {
      const phone = new CheapPhone(port, frames, figures, { isTls });
      phone.paused = silent;
      phones.set(phone, port);
      await new Promise((resolve) => setTimeout(resolve, overMs / calls));
    }
  },
  /** Adds calls as Twilio does: the webhook first, then the stream that its TwiML names. */
  ring: async ({
    port,
    calls,
    overMs,
  }: {
    port: number;
    calls: number;
    overMs: number;
  }): Promise<number[]> => {
    const rung = Array.from({ length: calls }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index * overMs) / calls));
      const callSid = newCallSid();
      const sinceMs = performance.now();
      const response = await fetch(`http://127.0.0.1:${port}/incoming-call`, {
        method: 'POST',
        body: new URLSearchParams({ CallSid: callSid, From: '+15550100', To: '+15550199' }),
      });
      const twiml = await response.text();
      const tookMs = performance.now() - sinceMs;
      const path = /<Stream[^>]* url="wss?:\/\/[^/]+([^"]+)"/u.exec(twiml)?.[1];
      if (path === undefined) throw new Error(`no stream in ${twiml}`);
      phones.set(new CheapPhone(port, frames, figures, { callSid, path }), port);
      return tookMs;
    });
    return Promise.all(rung);
  },
  /** Only the calls of this server send audio. */
  onlyServer: ({ port }: { port: number }) => {
    for (const [phone, itsPort] of phones) phone.paused = itsPort !== port;
  },
  begin: () => {
    figures.roundTripsMs = [];
    figures.latenessMs = [];
    answersBefore = services.answered();
  },
  end: (): LoadFigures => {
    const { roundTripsMs, latenessMs, lost, failed } = figures;
    return {
      calls: [...phones.keys()].filter((phone) => !phone.closed).length,
      pingP50Ms: percentile(roundTripsMs, 50),
      pingP99Ms: percentile(roundTripsMs, 99),
      pingMaxMs: percentile(roundTripsMs, 100),
      pings: roundTripsMs.length,
      lateP99Ms: percentile(latenessMs, 99),
      ...{ lost, failed },
      answers: services.answered() - answersBefore,
    };
  },
  hangUp: () => {
    for (const phone of phones.keys()) phone.hangUp();
    phones.clear();
    figures.lost = 0;
    figures.failed = 0;
  },
});
