import type { CallEvent, ServiceResponse } from '../../events/call-events.ts';
import type { ReconstructedPiece, ReconstructedTurn, TurnTiming } from '../reconstructed-call.ts';

/** A turn of the caller, by our clock. */
interface Turn {
  readonly turn: number;
  readonly spokenUntilMs: number;
  readonly decidedAtMs: number;
}

interface Reply {
  readonly turn: Turn;
  readonly piece: number;
  readonly text: string;
  /** The request to the speech-to-speech model that spoke it. */
  readonly request: number | undefined;
  readonly openedAtMs: number;
  sentAtMs?: number;
}

type Clock = (callMs: number) => number;

/** Collects the times between the caller's last word and the first sound of the reply. */
export class TimingFold {
  readonly #answers: ServiceResponse[] = [];
  readonly #replies = new Map<number, Reply>();
  readonly #begun = new Set<number>();
  /** Our clock at a call time of the current stream. */
  #clock: Clock = (callMs) => callMs;
  #last: Turn | undefined;

  take(event: CallEvent): void {
    switch (event.kind) {
      case 'stream':
        this.#clock = (callMs) => event.atMs + callMs - event.startMs;
        break;
      case 'utterance':
        if (!event.operator) this.#last = turnOf(event, this.#clock);
        break;
      case 'piece':
        if (event.role === 'reply') this.#reply(event);
        break;
      case 'sent': {
        const reply = this.#replies.get(event.piece);
        if (reply) reply.sentAtMs ??= event.atMs;
        break;
      }
      case 'answer':
        this.#answers.push(event.answer);
        break;
      default:
        break;
    }
  }

  /** The timing of each turn that a reply followed. */
  timings(
    turns: readonly Pick<ReconstructedTurn, 'turn' | 'endMs'>[],
    pieces: readonly Pick<ReconstructedPiece, 'piece' | 'startMs'>[],
  ): ReadonlyMap<number, TurnTiming> {
    const timings = new Map<number, TurnTiming>();
    for (const reply of this.#replies.values()) {
      const heardAt = pieces.find(({ piece }) => piece === reply.piece)?.startMs;
      const spokenUntil = turns.find(({ turn }) => turn === reply.turn.turn)?.endMs;
      const heardMs = heardAt === undefined || spokenUntil === undefined ? undefined : heardAt - spokenUntil;
      timings.set(reply.turn.turn, this.#timing(reply, heardMs));
    }
    return timings;
  }

  #reply({ reply, piece, text, spoken, atMs }: Extract<CallEvent, { kind: 'piece' }>): void {
    if (this.#begun.has(reply)) return;
    this.#begun.add(reply);
    const turn = this.#last;
    if (turn) this.#replies.set(piece, { turn, piece, text, request: spoken?.request, openedAtMs: atMs });
    this.#last = undefined;
  }

  #timing(reply: Reply, heardMs: number | undefined): TurnTiming {
    const { turn, openedAtMs, text, request } = reply;
    const label = `turn ${turn.turn}`;
    // The last request of a turn is the one whose text was used.
    const heard = this.#answers.findLast(
      ({ service, request }) =>
        isTranscription(service) && (request === label || request.startsWith(`${label},`)),
    );
    // A text that could not be had by a stream was requested once more.
    const textAskedAtMs = this.#answers.find(
      ({ service, request }) => isTranscription(service) && request === heard?.request,
    )?.askedAtMs;
    const asked = (service: ServiceResponse['service'], request?: string) =>
      this.#answers
        .filter((one) => one.service === service && one.askedAtMs <= openedAtMs)
        .filter((one) => request === undefined || one.request === request)
        .reduce<ServiceResponse | undefined>(
          (last, one) => (last && last.askedAtMs > one.askedAtMs ? last : one),
          undefined,
        );
    // One response of a speech-to-speech model is the text and the voice.
    const spoken = request === undefined ? undefined : this.#answers.find(({ id }) => id === request);
    const since = (atMs: number | undefined): number | undefined =>
      atMs === undefined ? undefined : Math.round(atMs - turn.spokenUntilMs);
    return {
      pauseMs: since(textAskedAtMs),
      textMs: since(firstPartAtMs(heard)),
      decidedMs: since(turn.decidedAtMs),
      tokenMs: since(firstPartAtMs(spoken ?? asked('chat'))),
      audioMs: since(spoken ? firstPartAtMs(spoken, 'audio') : firstPartAtMs(asked('speech', text))),
      sentMs: since(reply.sentAtMs),
      heardMs: heardMs === undefined ? undefined : Math.round(heardMs),
    };
  }
}

function isTranscription(service: ServiceResponse['service']): boolean {
  return service === 'transcription' || service === 'streaming-transcription';
}

function turnOf({ turn, endMs, atMs }: Extract<CallEvent, { kind: 'utterance' }>, clock: Clock): Turn {
  return { turn, spokenUntilMs: clock(endMs), decidedAtMs: atMs };
}

/** When the first part of a response arrived, or its first audio, by our clock. */
function firstPartAtMs(
  response: ServiceResponse | undefined,
  kind: 'any' | 'audio' = 'any',
): number | undefined {
  const first = response?.pieces.find(({ samples }) => kind === 'any' || samples !== undefined);
  return response && first && response.askedAtMs + first.afterMs;
}
