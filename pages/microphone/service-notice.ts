import type { ToMicrophone } from '../../src/microphone/dictation/dictation-messages.ts';
import { socketAddress } from '../frame/ask-server.ts';
import { DICTATION_SOCKET } from './dictation.ts';

/** Why transcription is unavailable, before recording starts; undefined if it is available. */
export function serviceNotice(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = new WebSocket(socketAddress(DICTATION_SOCKET));
    socket.onclose = () => resolve(undefined);
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as ToMicrophone;
      if (message.type === 'status' && message.message !== 'ready') resolve(message.message);
      socket.close();
    };
  });
}
