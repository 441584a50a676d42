/** What the package `offhook` exports: a server, the parts that it is made of, and the ports for services of your own. */
export { createServer, type Server } from './server.ts';
export type {
  AssistantResources,
  RecordStores,
  Release,
  ServerDependencies,
  ServerObserver,
} from './server-dependencies.ts';
export type { CallTerminator } from '../telephony/telephone-calls.ts';
export { createServices } from './services/create-services.ts';
export { loadPrompts, type LoadedPrompts } from './load-prompts.ts';
export { openConfiguredCatalogue } from './open-configured-catalogue.ts';
export { openConfiguredStore } from './open-configured-store.ts';
export { createLog, type Log } from '../log.ts';
export { readSettings, type Settings } from '../settings/settings.ts';
export { builtPages, packageVersion, shippedPrompts } from '../storage/package-files.ts';
export * from '../call/ports.ts';
