import type { Router } from 'express';
import type { CallIdentity } from '../call/call-options.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import { DeskGateway } from '../desk/desk-gateway.ts';
import type { Clock } from '../events/clock.ts';
import type { Authenticator } from '../http/auth/authenticator.ts';
import type { FailedAttemptLimiter } from '../http/auth/failed-attempt-limiter.ts';
import type { Journal } from '../journal/journal.ts';
import { MicrophoneService } from '../microphone/microphone-service.ts';
import { BrowserGateway, isFromBrowser } from '../telephony/browser-gateway.ts';
import { TwilioGateway } from '../telephony/twilio-gateway.ts';
import type { ServerDependencies } from './server-dependencies.ts';
import type { StorageMaintenance } from './storage/storage-maintenance.ts';

export interface GatewayOptions {
  readonly dependencies: ServerDependencies;
  readonly calls: CallRegistry<Journal>;
  readonly ownership: StorageMaintenance;
  readonly authenticator: Authenticator;
  readonly limit: FailedAttemptLimiter;
  readonly clock: Clock;
  /** A call is about to start. */
  readonly ringing: () => void;
}

/** Everything that accepts WebSockets: telephones, the desk and the microphone. */
export class Gateways {
  readonly twilio: TwilioGateway;
  readonly desk: DeskGateway;
  readonly microphone: MicrophoneService;
  readonly #browser: BrowserGateway;

  constructor({ dependencies, calls, ownership, authenticator, limit, clock, ringing }: GatewayOptions) {
    const { settings, log, assistant, telephony, records } = dependencies;
    const now = (): number => clock.now();
    this.twilio = new TwilioGateway({
      settings,
      log,
      calls,
      ownership,
      limit,
      now,
      terminator: telephony,
      ringing,
    });
    this.desk = new DeskGateway({ calls, authenticator, now });
    this.#browser = new BrowserGateway({ authenticator, now, streams: this.twilio.streams, ringing });
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

  get #all() {
    return [this.twilio, this.#browser, this.desk, this.microphone] as const;
  }

  /** The routes of telephones and microphone. The API has those of the desk. */
  routes(): Router[] {
    return [this.twilio.routes(), this.#browser.routes(), this.microphone.routes()];
  }

  webSocketRoutes() {
    return this.#all.map((gateway) => gateway.webSocketRoute());
  }

  tick(atMs: number): void {
    for (const gateway of this.#all) gateway.tick(atMs);
  }

  /** Ends these calls at the provider. Calls from a browser end with their sockets. */
  endCalls(calls: readonly CallIdentity[]): void {
    for (const call of calls) if (!isFromBrowser(call)) void this.twilio.endCall(call.callSid);
  }

  close(): void {
    for (const gateway of this.#all) gateway.close();
  }
}
