import type { Director } from './caller-script.ts';
import type { StreamNames, StreamSide } from './media-server.ts';

/** Who calls whom, what the caller does, and Twilio's side of the streams. */
export interface SimulatedCaller {
  readonly from: string;
  readonly to: string;
  readonly director: Director;
  /** Creates Twilio's side of one stream. */
  side(names: StreamNames): StreamSide;
}
