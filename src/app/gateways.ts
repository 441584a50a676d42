import type { Router } from 'express';
import { DeskGateway } from '../desk/desk-gateway.ts';
import type { Clock } from '../events/clock.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import { MicrophoneService } from '../microphone/microphone-service.ts';
import { BrowserGateway } from '../telephony/browser-gateway.ts';
import type { ProcessTelephoneCalls } from '../telephony/telephone-calls.ts';
import type { StreamTicketStore } from '../telephony/twilio/stream-tickets.ts';
import { TwilioGateway } from '../telephony/twilio-gateway.ts';
import type { AllCalls } from './processes/all-calls.ts';
import type { ServerDependencies } from './server-dependencies.ts';

export interface GatewayOptions {
  readonly dependencies: ServerDependencies;
  /** The calls of all processes. */
  readonly calls: AllCalls;
  /** Those of this process. */
  readonly telephone: ProcessTelephoneCalls;
  readonly authenticator: Authenticator;
  readonly limit: FailedAttemptLimiter;
  readonly clock: Clock;
  /** Of streams from browsers. */
  readonly tickets: StreamTicketStore;
  /** A call is about to start. */
  readonly ringing: () => void;
}

/** Everything that accepts WebSockets: telephones, the desk and the microphone. */
export class Gateways {
  readonly twilio: TwilioGateway;
  readonly desk: DeskGateway;
  readonly microphone: MicrophoneService;
  readonly #browser: BrowserGateway;

  constructor(options: GatewayOptions) {
    const { dependencies, calls, telephone, authenticator, limit, clock, tickets, ringing } = options;
    const { settings, log, assistant, records } = dependencies;
    const { streams } = telephone;
    const now = (): number => clock.now();
    this.twilio = new TwilioGateway({ settings, log, calls, streams: telephone, limit, now });
    this.desk = new DeskGateway({ calls, authenticator, now });
    this.#browser = new BrowserGateway({ authenticator, now, streams, tickets, ringing });
    this.microphone = new MicrophoneService({
      settings,
      authenticator,
      log,
      now,
      transcriber: assistant.services.dictation,
      speakers: assistant.services.speakers,
      catalogue: records?.catalogue,
    });
  }

  get #ticking() {
    return [this.#browser, this.desk, this.microphone] as const;
  }

  /** The routes of telephones and microphone. The API has those of the desk. */
  routes(): Router[] {
    return [this.twilio.routes(), this.#browser.routes(), this.microphone.routes()];
  }

  webSocketRoutes() {
    return [this.twilio, ...this.#ticking].map((gateway) => gateway.webSocketRoute());
  }

  tick(atMs: number): void {
    for (const gateway of this.#ticking) gateway.tick(atMs);
  }

  close(): void {
    for (const gateway of this.#ticking) gateway.close();
  }
}
