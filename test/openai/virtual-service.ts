import { RETRACT, ServiceError } from '../../src/call/ports.ts';
import { ChatReplier } from '../../src/openai/chat/chat-replier.ts';
import { ServerProfiles } from '../../src/openai/server/server-profiles.ts';
import { SpeechVoice } from '../../src/openai/speech/speech-voice.ts';
import { WhisperTranscriber } from '../../src/openai/transcription/whisper-transcriber.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { VirtualNetwork, type VirtualServer } from '../doubles/virtual-servers/virtual-network.ts';

const STEP_MS = 20;

/** One server in memory, the real clients, and time that passes as fast as they allow. */
export function virtualService(server: VirtualServer) {
  const clock = new VirtualClock(0);
  const network = new VirtualNetwork(clock, { server });
  const profiles = new ServerProfiles();
  const environment = { send: network.send, timer: clock.timer, now: clock.now, profiles };
  const settings = { baseUrl: 'http://server/v1', model: 'm' };
  /** Lets time pass until the work is done. */
  const finished = async <T>(work: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => void (isOver = true);
    work.then(over, over);
    for (let ms = 0; !isOver; ms += STEP_MS) {
      if (ms > 120_000) throw new Error('not within two minutes');
      await clock.goTo(clock.nowMs + STEP_MS);
      await network.settled();
    }
    return work;
  };
  return {
    network,
    profiles,
    finished,
    transcriber: new WhisperTranscriber({ transcription: settings, language: 'en', ...environment }),
    voice: new SpeechVoice({ speech: { ...settings, voice: 'v' }, ...environment }),
    replier: (instructions: string) => new ChatReplier({ chat: settings, instructions, ...environment }),
  };
}

/** The text of a reply, or the error. */
export async function replyOf(replier: ChatReplier, question: string): Promise<string | ServiceError> {
  let text = '';
  try {
    const conversation = [{ speaker: 'caller', text: question }] as const;
    for await (const part of replier.reply(conversation, new AbortController().signal))
      text = part === RETRACT ? '' : text + part;
    return text;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

/** Milliseconds of speech, or the error. */
export async function speechOf(voice: SpeechVoice, text: string): Promise<number | ServiceError> {
  let samples = 0;
  try {
    for await (const mulaw of voice.speak(text, new AbortController().signal)) samples += mulaw.length;
    return samples / 8;
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}
