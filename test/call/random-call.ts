import { CallEventBus } from '../../src/events/event-bus.ts';
import { createLog, type Log } from '../../src/log.ts';
import { ServiceHealth } from '../../src/app/services/service-health.ts';
import { ChatReplier } from '../../src/openai/chat/chat-replier.ts';
import { ServerProfiles } from '../../src/openai/server/server-profiles.ts';
import { SpeechVoice } from '../../src/openai/speech/speech-voice.ts';
import { WhisperTranscriber } from '../../src/openai/transcription/whisper-transcriber.ts';
import { chatServer } from '../doubles/virtual-servers/chat-server.ts';
import { Dice } from '../doubles/virtual-servers/dice.ts';
import { SpeechServer } from '../doubles/virtual-servers/speech-server.ts';
import { transcriptionServer } from '../doubles/virtual-servers/transcription-server.ts';
import { VirtualNetwork, type VirtualServer } from '../doubles/virtual-servers/virtual-network.ts';
import { RehearsedCall, USUAL } from './rehearsed-call.ts';

const TURNS = 3;
const MAX_SILENCE_MS = 4_000;
/** A shorter utterance without words is taken for a noise, and needs no response. */
const LONG_UTTERANCE_MS = 1_600;
const STEP_MS = 100;

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly component?: string;
  readonly service?: string;
  readonly server?: string;
  readonly status?: number;
  readonly code?: string;
  readonly said?: string;
}

/** Servers that replace those that the dice would choose. */
export interface GivenServers {
  readonly chat?: VirtualServer;
  readonly speech?: SpeechServer;
  readonly transcription?: VirtualServer;
}

/** A whole call in virtual time, with the real clients, and servers whose personalities and responses come from a seed. */
export class RandomCall {
  readonly call: RehearsedCall;
  readonly network: VirtualNetwork;
  readonly speech: SpeechServer;
  /** Every silence in which the caller waited for too long. */
  readonly silences: string[] = [];
  readonly log: LogLine[] = [];
  readonly #dice: Dice;
  readonly #logger: Log;

  constructor(seed: number, given: GivenServers = {}) {
    const clock = RehearsedCall.clock();
    this.#dice = new Dice(seed);
    this.speech = given.speech ?? new SpeechServer(new Dice(seed * 4 + 1));
    this.network = new VirtualNetwork(clock, {
      chat: given.chat ?? chatServer(new Dice(seed * 4 + 2)),
      speech: this.speech.serve,
      transcription: given.transcription ?? transcriptionServer(new Dice(seed * 4 + 3)),
    });
    const destination = { write: (line: string) => void this.log.push(JSON.parse(line) as LogLine) };
    this.#logger = createLog({ level: 'info', destination });
    const environment = {
      send: this.network.send,
      timer: clock.timer,
      now: clock.now,
      profiles: new ServerProfiles({ log: this.#logger, now: clock.now }),
    };
    const at = (service: string) => ({ baseUrl: `http://${service}/v1`, model: 'm' });
    const chat = { ...at('chat'), reasoningEffort: this.#dice.chance(0.5) ? ('low' as const) : undefined };
    const speech = { ...at('speech'), voice: 'v', sampleRateHz: this.speech.sampleRateSetting };
    // Off, text and reply in turn, so that a seed still gives the same servers.
    const eagerReplies = (['off', 'text', 'reply'] as const)[seed % 3]!;
    const pauseMs = eagerReplies === 'off' ? undefined : 180;
    this.call = new RehearsedCall(clock, {
      settings: { turns: { ...USUAL.turns, pauseMs }, talk: { eagerReplies } },
      replier: new ChatReplier({ chat, instructions: 'You answer the telephone of a shop.', ...environment }),
      voice: new SpeechVoice({ speech, ...environment }),
      transcriber: new WhisperTranscriber({
        transcription: at('transcription'),
        language: 'en',
        ...environment,
      }),
      recorded: false,
      settled: () => this.network.settled(),
    });
  }

  /** Plays the call to its end. */
  async play(): Promise<this> {
    const { call } = this;
    await call.heardOut();
    for (let turn = 0; turn < TURNS && !call.call.endingByUs; turn += 1) await this.#turn();
    this.#end();
    await call.run(200);
    call.call.giveUpTexts();
    await call.run(200);
    this.#report();
    return this;
  }

  async #turn(): Promise<void> {
    const { call } = this;
    const isKey = this.#dice.chance(0.15);
    if (isKey) call.call.key(String(this.#dice.between(0, 9)), call.clock.nowMs);
    else await call.callerSays(this.#dice.between(LONG_UTTERANCE_MS, 3_000));
    const repeated = call.pieces.includes('<not-understood>');
    const bargesIn = this.#dice.chance(0.4);
    const untilMs = this.#dice.between(2_000, bargesIn ? 8_000 : 28_000);
    // The second utterance in a row without words is not asked for again; the answering machine has no use for keys.
    await this.#watch(untilMs, () => repeated || (isKey && call.pieces.includes('<apology-machine>')));
  }

  /** `mayBeIgnored`: the caller expects no response, unless the assistant is preparing one. */
  async #watch(ms: number, mayBeIgnored: () => boolean): Promise<void> {
    const { call } = this;
    let silentMs = 0;
    let heard = false;
    for (let at = 0; at < ms && !call.call.endingByUs; at += STEP_MS) {
      await call.run(STEP_MS);
      // Speech that was cut at once counts, too.
      const sounds = call.phone.playing || call.phone.quietSinceMs > call.clock.nowMs - STEP_MS;
      heard ||= sounds;
      const waits = ['thinking', 'speaking'].includes(call.call.dialog.state) || (!heard && !mayBeIgnored());
      silentMs = waits && !sounds && !call.phone.callerIsSpeaking ? silentMs + STEP_MS : 0;
      if (silentMs === MAX_SILENCE_MS + STEP_MS)
        this.silences.push(`${call.nowMs} ms (${call.call.dialog.state})`);
    }
  }

  #end(): void {
    const { call } = this;
    call.phone.gone();
    call.call.ended('hung up', call.clock.nowMs);
  }

  /** Passes the journal's events to the part of the server that logs and counts failures. */
  #report(): void {
    const { clock, journal } = this.call;
    const events = new CallEventBus((error) => {
      throw error;
    });
    const health = new ServiceHealth(this.#logger, events, clock.now);
    for (const event of journal.of('answer')) events.publish('CA1', event);
    this.counted = health.failures;
  }

  counted = 0;
}
