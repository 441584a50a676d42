import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseJson } from '../../http/parse-json.ts';
import type { FailureDetails } from '../../call/ports.ts';
import type { Log } from '../../log.ts';
import type { ServiceSettings } from '../../settings/settings.ts';
import { replaceDurably } from '../../storage/durable-file.ts';

/** What a server can send as speech. The order is the order of preference: `wav` names its own sample rate. */
export const SPEECH_FORMATS = ['wav', 'pcm', 'mp3', 'flac', 'opus'] as const;

/** Formats of transcriptions that can name a speaker for each segment, in the order of preference. */
export const SPEAKER_FORMATS = ['diarized_json', 'verbose_json'] as const;

export type SpeakerFormat = (typeof SPEAKER_FORMATS)[number];

export type SpeechFormat = (typeof SPEECH_FORMATS)[number];

/** The kinds of responses are few; the bound protects the file. */
const MAX_QUIRKS = 20;

/**
 * What the responses of one server showed about one model. A field is absent until a response showed it.
 * - `roles`: `alternating`: user and assistant must take turns; `no-system`: so they must, and the role `system` is refused.
 * - `refusedFields`: optional fields of a request that the server refuses.
 * - `contextCharacters`: the characters of all messages that fit into the context window.
 * - `thoughtsFirst`: its replies begin within thoughts that only a closing tag ends.
 * - `answersAsThoughts`: its answers are in the field of thoughts, where the model does not think.
 * - `slowStart`: it once needed more than 4 s for the first byte: the model has to be loaded.
 * - `speechFormat`: the audio format that it was asked for last and sent; `refusedFormats`: those that it refuses.
 * - `speakers`: the response format in which it labels speakers; `none`: it labels none in any of them.
 * - `quirks`: what else differs from OpenAI's service, as phrases: "sends one JSON document instead of a stream".
 */
const PROFILE = z.object({
  roles: z.enum(['alternating', 'no-system']).optional(),
  refusedFields: z.array(z.string()).optional(),
  contextCharacters: z.number().int().positive().optional(),
  thoughtsFirst: z.boolean().optional(),
  answersAsThoughts: z.boolean().optional(),
  slowStart: z.literal(true).optional(),
  speechFormat: z.enum(SPEECH_FORMATS).optional(),
  refusedFormats: z.array(z.enum(SPEECH_FORMATS)).optional(),
  speakers: z.enum([...SPEAKER_FORMATS, 'none']).optional(),
  quirks: z.array(z.string()).max(MAX_QUIRKS).optional(),
  errorShape: z.enum(['error', 'detail', 'message', 'text', 'html', 'empty']).optional(),
});

export type ServerProfile = Readonly<z.infer<typeof PROFILE>>;

const ENTRY = z.object({
  service: z.enum(['transcription', 'chat', 'speech']),
  server: z.string(),
  model: z.string(),
  learnedAt: z.iso.datetime(),
  profile: PROFILE,
});

export type ProfileEntry = Readonly<z.infer<typeof ENTRY>>;

/** How a failed request is retried: in the same shape after a pause or at once, or in another one. */
export type Retry = 'after a pause' | 'at once' | 'in another shape';

export type ProfiledService = ProfileEntry['service'];

/** Servers are updated: what was learned is forgotten after this time, and learned again. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1_000;

/** Remembers in a file what each server accepts and sends, so that a refused request is not repeated after a restart. */
export class ServerProfiles {
  readonly #file: string | undefined;
  readonly #log: Log | undefined;
  readonly #now: () => number;
  readonly #entries = new Map<string, ProfileEntry>();
  #saving: Promise<void> = Promise.resolve();

  /** `file`: undefined: in memory only. `now`: epoch milliseconds. */
  constructor(
    options: {
      readonly file?: string | undefined;
      readonly log?: Log | undefined;
      readonly now?: () => number;
    } = {},
  ) {
    this.#file = options.file;
    this.#log = options.log;
    this.#now = options.now ?? Date.now;
    for (const entry of this.#stored()) this.#entries.set(keyOf(entry), entry);
  }

  get entries(): readonly ProfileEntry[] {
    return [...this.#entries.values()];
  }

  /** The profile of one service. */
  of(service: ProfiledService, { baseUrl, model }: ServiceSettings): LearnedProfile {
    return new LearnedProfile(this, { service, server: baseUrl, model });
  }

  get(target: ProfileTarget): ServerProfile {
    return this.#entries.get(keyOf(target))?.profile ?? {};
  }

  set(target: ProfileTarget, profile: ServerProfile): void {
    const learnedAt = new Date(this.#now()).toISOString();
    this.#entries.set(keyOf(target), { ...target, learnedAt, profile });
    this.#log?.info({ ...target, profile }, 'learned what a server accepts');
    if (this.#file !== undefined) this.#saving = this.#saving.then(() => this.#save(this.#file!));
  }

  /** A request failed and is retried. */
  retried(target: ProfileTarget, failure: FailureDetails, how: Retry): void {
    this.#log?.info({ ...target, ...failure, how }, 'retrying a service request');
  }

  /** Resolves when everything learned so far is in the file. */
  saved(): Promise<void> {
    return this.#saving;
  }

  async #save(file: string): Promise<void> {
    try {
      const text = `${JSON.stringify(this.entries, undefined, 2)}\n`;
      await replaceDurably(file, `${file}.${randomUUID()}`, text);
    } catch (error) {
      this.#log?.warn(
        { err: error },
        'server profiles could not be saved; they are learned again after a restart',
      );
    }
  }

  /** A damaged file or entry is not worth a failed start: it is learned again. */
  #stored(): ProfileEntry[] {
    if (this.#file === undefined || !existsSync(this.#file)) return [];
    const list = z.array(z.unknown()).safeParse(parseJson(readFileSync(this.#file, 'utf8')));
    const entries = (list.data ?? []).flatMap((entry) => ENTRY.safeParse(entry).data ?? []);
    return entries.filter(({ learnedAt }) => this.#now() - Date.parse(learnedAt) < MAX_AGE_MS);
  }
}

export interface ProfileTarget {
  readonly service: ProfiledService;
  /** Its base URL. */
  readonly server: string;
  readonly model: string;
}

/** The profile of one model on one server, as its client reads and extends it. */
export class LearnedProfile {
  readonly #profiles: ServerProfiles;
  readonly target: ProfileTarget;

  constructor(profiles: ServerProfiles, target: ProfileTarget) {
    this.#profiles = profiles;
    this.target = target;
  }

  get value(): ServerProfile {
    return this.#profiles.get(this.target);
  }

  learn(facts: ServerProfile): void {
    const changed = Object.entries(facts).some(
      ([name, fact]) => JSON.stringify(this.value[name as keyof ServerProfile]) !== JSON.stringify(fact),
    );
    if (changed) this.#profiles.set(this.target, { ...this.value, ...facts });
  }

  retried(failure: FailureDetails, how: Retry): void {
    this.#profiles.retried(this.target, failure, how);
  }

  /** Notes a difference from OpenAI's service that needs no other request. */
  observe(quirk: string): void {
    const { quirks = [] } = this.value;
    if (!quirks.includes(quirk) && quirks.length < MAX_QUIRKS) this.learn({ quirks: [...quirks, quirk] });
  }
}

function keyOf({ service, server, model }: ProfileTarget): string {
  return JSON.stringify([service, server, model]);
}
