import type { Services, Voice } from '../../call/ports.ts';
import { MeasuredVoice } from '../../call/playback/measured-voice.ts';
import { ChatReplier } from '../../openai/chat/chat-replier.ts';
import { ChatSummarizer } from '../../openai/chat/chat-summarizer.ts';
import { componentLog, type Log } from '../../log.ts';
import type { ConversationSettings } from '../../openai/realtime/conversation/conversation-settings.ts';
import { RealtimeAssistant } from '../../openai/realtime/conversation/realtime-assistant.ts';
import { RealtimeTranscriber } from '../../openai/realtime/transcription/realtime-transcriber.ts';
import { RealtimeVoice } from '../../openai/realtime/voice/realtime-voice.ts';
import type { ServerProfiles } from '../../openai/server/server-profiles.ts';
import { SpeechVoice } from '../../openai/speech/speech-voice.ts';
import { DiarizingTranscriber } from '../../openai/transcription/diarizing-transcriber.ts';
import { WhisperTranscriber } from '../../openai/transcription/whisper-transcriber.ts';
import { fetchThrough } from '../../proxy/proxy-fetch.ts';
import type { Settings, SpeechSettings, SpeechToSpeechSettings } from '../../settings/settings.ts';
import { SmartTurnModel } from '../../smart-turn/smart-turn-model.ts';

/**
 * The services that the settings name; what is not configured is absent. `profiles`: what is known of their servers. `log`: of the
 * program; without it nothing is logged.
 */
export function createServices(settings: Settings, profiles?: ServerProfiles, log?: Log): Services {
  const { transcription, streamingTranscription, endOfTurn, chat, speech, language, instructions } = settings;
  const { speechToSpeech } = settings;
  const servicesLog = log && componentLog(log, 'services');
  const whisper = transcription && new WhisperTranscriber({ transcription, language, profiles });
  return {
    transcriber: whisper,
    // A model that replies to callers hears them anyway.
    streamingTranscriber:
      streamingTranscription && !speechToSpeech
        ? new RealtimeTranscriber({ settings: streamingTranscription, language, log: servicesLog })
        : undefined,
    endOfTurnModel: endOfTurn && createEndOfTurnModel(endOfTurn),
    dictation: whisper,
    speakers: transcription && new DiarizingTranscriber({ transcription, language, profiles }),
    replier: chat ? new ChatReplier({ chat, instructions, profiles }) : undefined,
    summarizer: chat ? new ChatSummarizer({ chat, profiles }) : undefined,
    voice: speech && createVoice(speech, profiles, servicesLog),
    speechToSpeech:
      speechToSpeech &&
      new RealtimeAssistant({
        settings: conversationSettings(speechToSpeech, { language, instructions }),
        log: servicesLog,
      }),
  };
}

export function createEndOfTurnModel({
  url,
  apiKey,
  proxy,
}: NonNullable<Settings['endOfTurn']>): SmartTurnModel {
  return new SmartTurnModel({ url, apiKey, fetch: fetchThrough(proxy) });
}

/** What a session of the Realtime model is told. */
export function conversationSettings(
  { transcriptionModel: model, ...settings }: SpeechToSpeechSettings,
  { language, instructions }: Pick<Settings, 'language' | 'instructions'>,
): ConversationSettings {
  const transcription = model === undefined ? undefined : { model, language: language.split('-')[0] };
  return { ...settings, instructions, transcription };
}

/** A phone rings: lets the services of calls open their connections. */
export function wakeServices(services: Services): void {
  const { transcriber, streamingTranscriber, replier, voice, speechToSpeech } = services;
  for (const service of [transcriber, streamingTranscriber, replier, voice, speechToSpeech])
    service?.wake?.();
}

function createVoice(speech: SpeechSettings, profiles?: ServerProfiles, log?: Log): Voice {
  const voice =
    speech.engine === 'realtime' ? new RealtimeVoice({ speech, log }) : new SpeechVoice({ speech, profiles });
  return new MeasuredVoice(voice, () => performance.now());
}
