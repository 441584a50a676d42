import type { Send } from '../../proxy/http-client.ts';
import type { Timer } from './timers.ts';

/** The network and the time of the requests to services: arguments, so that whole calls can be rehearsed in virtual time. */
export interface RequestEnvironment {
  /** Default: an HTTP client, through the proxy of the settings. */
  readonly send?: Send | undefined;
  /** Default: real time. */
  readonly timer?: Timer | undefined;
  /** Monotonic milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}
