import type { Services } from '../call/ports.ts';
import { ChatReplier } from '../openai/chat-replier.ts';
import { ChatSummarizer } from '../openai/chat-summarizer.ts';
import { SpeechVoice } from '../openai/speech-voice.ts';
import { WhisperTranscriber } from '../openai/whisper-transcriber.ts';
import type { Settings } from '../settings/settings.ts';

/** The services that the settings name; what is not configured is absent. */
export function createServices(settings: Settings): Services {
  const { transcription, chat, speech, language, instructions } = settings;
  const whisper = transcription && new WhisperTranscriber({ transcription, language });
  return {
    transcriber: whisper,
    dictation: whisper,
    replier: chat ? new ChatReplier({ chat, instructions }) : undefined,
    summarizer: chat ? new ChatSummarizer({ chat }) : undefined,
    voice: speech ? new SpeechVoice({ speech }) : undefined,
  };
}
