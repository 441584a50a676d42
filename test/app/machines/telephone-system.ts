import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AudioFormat } from '../../../src/audio/formats/formats.ts';
import type { Catalogue } from '../../../src/catalogue/catalogue.ts';
import { openCatalogue } from '../../../src/catalogue/open-catalogue.ts';
import type { SimulatedCall, SimulatedCallOptions } from '../../../src/simulator/phone/simulated-phone.ts';
import { startCall } from '../../../src/simulator/phone/simulated-phone.ts';
import { type Front, openFront } from '../../crash/front.ts';
import { killServers, type ServerProcess, startServer } from '../../crash/server-process.ts';
import { startFakeOpenAi } from '../../doubles/fake-openai.ts';
import type { FakeOpenAiOptions } from '../../doubles/fake-openai-options.ts';
import { type FakeTwilioRest, startFakeTwilioRest } from '../../doubles/fake-twilio-rest.ts';
import { comesTrue } from '../../support/comes-true.ts';
import { type DatabaseServer, startedServer } from '../../support/database-server.ts';
import { BUCKET, ObjectStore } from '../../support/object-store.ts';
import { POSTGRES } from '../../support/postgres-server.ts';
import { type RedisServer, startedRedis } from '../../support/redis-server.ts';
import { makeNetwork, type NetworkPlace } from '../../support/test-network.ts';
import { SIGNED, TWILIO } from '../../support/test-server.ts';

/** The files of a call in the store, in order of their names. */
const fileNames = (callSid: string, format: AudioFormat): string[] =>
  ['.json', '.txt', `_conversation.${format}`, '_summary.txt'].map((end) => `call_${callSid}${end}`);

/** One `offhook serve` with a directory and a network address of its own. */
export class SystemMachine {
  readonly folder: string;
  readonly place: NetworkPlace;
  readonly #settings: Readonly<Record<string, string>>;
  #server: ServerProcess | undefined;

  constructor(folder: string, place: NetworkPlace, settings: Readonly<Record<string, string>>) {
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.place = place;
    this.#settings = settings;
  }

  /** The process that was started last. */
  get server(): ServerProcess {
    if (!this.#server) throw new Error('the machine was not started');
    return this.#server;
  }

  async start(): Promise<void> {
    this.#server = await startServer(this.folder, this.#settings, this.place.through);
  }

  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | NodeJS.Signals> {
    this.server.signal('SIGTERM');
    return this.server.ended;
  }

  /** How often it has met another machine: each start of one counts. */
  get met(): number {
    return this.server.log.filter(({ msg }) => msg === 'another machine is there').length;
  }

  /** Names of the journals that it has set aside because other machines went on with their calls. */
  get outdated(): readonly string[] {
    const folder = path.join(this.folder, '.offhook', 'outdated');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  /** What it has of a call beside working state. */
  filesOf(callSid: string): readonly string[] {
    return readdirSync(this.folder).filter((name) => name.includes(callSid));
  }
}

/** One telephone system of several machines, and the world outside of it: Redis, PostgreSQL, an S3 server, services, Twilio, callers. */
export interface TelephoneSystem {
  readonly redis: RedisServer;
  readonly postgres: DatabaseServer;
  readonly store: ObjectStore;
  readonly catalogue: Catalogue;
  /** Where Twilio's requests and streams arrive. */
  readonly front: Front;
  /** Requests that redirect calls. */
  readonly rest: FakeTwilioRest;
  /** Starts a new machine. */
  machine(name: string): Promise<SystemMachine>;
  /** Connections go to these machines from now on, in turn. */
  leadTo(...machines: SystemMachine[]): void;
  call(options: Omit<SimulatedCallOptions, 'baseUrl'>): SimulatedCall;
  /** Names of a call's objects in the store. */
  stored(callSid: string): readonly string[];
  /** Resolves when all files of a call are in the store and its entry is complete. Returns a folder with the files. */
  completed(callSid: string, format?: AudioFormat): Promise<string>;
  close(): Promise<void>;
}

export interface TelephoneSystemOptions {
  readonly openAi: FakeOpenAiOptions;
  readonly settings?: Readonly<Record<string, string>>;
}

/** For programs that use the machines' API. */
export const AUTHORIZATION = { authorization: `Bearer ${SIGNED.API_TOKEN}` };

/** Starts everything but the machines. */
export async function startTelephoneSystem(options: TelephoneSystemOptions): Promise<TelephoneSystem> {
  const network = makeNetwork();
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-system-'));
  mkdirSync(path.join(folder, 'store'));
  const calls = new Map<string, SimulatedCall>();
  const [redis, postgres, store, openAi, rest] = await Promise.all([
    startedRedis(),
    startedServer(POSTGRES),
    ObjectStore.start(path.join(folder, 'store')),
    startFakeOpenAi(options.openAi),
    startFakeTwilioRest({
      ...TWILIO,
      hangUp: (callSid) => calls.get(callSid)?.hangUp('rest') ?? false,
      redirect: (callSid, url) => calls.get(callSid)?.redirect(url) ?? false,
    }),
  ]);
  const database = await postgres.newDatabase();
  const relays: Front[] = [];
  /** The address of a server of this machine for the others. */
  const relayed = async (address: string): Promise<string> => {
    const url = new URL(address);
    const relay = await openFront(Number(url.port), network.address);
    relays.push(relay);
    return address.replace(url.host, `${network.address}:${relay.port}`);
  };
  const settings = {
    ...{ ...SIGNED, TWILIO_ACCOUNT_SID: TWILIO.accountSid, TWILIO_API_BASE_URL: await relayed(rest.url) },
    ...{ OPENAI_API_KEY: 'k', OPENAI_BASE_URL: await relayed(openAi.url) },
    ...{ REDIS_URL: await relayed(redis.url), DATABASE_URL: await relayed(database) },
    ...{ RECORDINGS_STORE: `s3://${BUCKET}`, S3_ENDPOINT: await relayed(store.endpoint) },
    ...{ S3_ACCESS_KEY_ID: 'S3RVER', S3_SECRET_ACCESS_KEY: 'S3RVER' },
    ...{ DEFAULT_AUDIO_FORMAT: 'wav', RECORDING_CHANNELS: 'stereo' },
    ...options.settings,
  };
  const front = await openFront(0);
  const catalogue = await openCatalogue(database);
  const stored = (callSid: string): readonly string[] =>
    store.keys().filter((name) => name.includes(callSid));
  return {
    ...{ redis, postgres, store, catalogue, front, rest, stored },
    machine: async (name) => {
      const place = network.place();
      const machine = new SystemMachine(path.join(folder, name), place, {
        ...settings,
        ...{ MACHINE_NAME: name, HOST: place.address },
      });
      await machine.start();
      return machine;
    },
    leadTo: (...machines) => front.leadTo(...machines.map(({ server }) => Promise.resolve(server))),
    call: (wanted) => {
      const call = startCall({ ...TWILIO, baseUrl: front.baseUrl, ...wanted });
      calls.set(call.callSid, call);
      return call;
    },
    completed: async (callSid, format = 'wav') => {
      const names = fileNames(callSid, format);
      await comesTrue(`the files of ${callSid} are in the store`, () =>
        names.every((name) => store.bytes(name) !== undefined),
      );
      await comesTrue(`the entry of ${callSid} is complete`, async () => {
        const entry = await catalogue.get(callSid);
        return entry?.state === 'finished' && entry.files.every(({ url }) => url !== undefined);
      });
      const copies = path.join(folder, callSid);
      mkdirSync(copies, { recursive: true });
      for (const name of names) writeFileSync(path.join(copies, name), store.bytes(name)!);
      return copies;
    },
    close: async () => {
      killServers();
      for (const each of [front, ...relays]) each.close();
      await catalogue.close();
      await Promise.all([
        network.end(),
        redis.end(),
        postgres.end(),
        store.stop(),
        openAi.close(),
        rest.close(),
      ]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
