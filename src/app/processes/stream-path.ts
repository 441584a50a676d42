import { MEDIA_STREAM_PATH } from '../../telephony/twilio/webhook-routes.ts';

/** Where the media streams of the process with this number arrive, from 1 on; those of the main process have no number. */
export function streamPath(process: number): string {
  return `${MEDIA_STREAM_PATH}/${process}`;
}
