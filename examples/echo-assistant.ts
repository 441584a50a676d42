/**
 * An assistant of your own in place of a language model: it repeats what the caller said. Transcription and speech are those
 * of the settings. Start it with `npx tsx examples/echo-assistant.ts`, and call it at http://localhost:8000/phone.
 */
import { setImmediate } from 'node:timers/promises';
import {
  builtPages,
  createLog,
  createServer,
  createServices,
  loadPrompts,
  openConfiguredCatalogue,
  packageVersion,
  readSettings,
  type Replier,
  type ConversationTurn,
  shippedPrompts,
} from 'offhook';

class EchoReplier implements Replier {
  /** In pieces, as a language model writes: a finished sentence is spoken while the next one is written. */
  async *reply(conversation: readonly ConversationTurn[]): AsyncIterable<string> {
    const heard = conversation.findLast(({ speaker }) => speaker === 'caller');
    for (const word of `You said: ${heard?.text ?? 'nothing'}`.split(' ')) {
      await setImmediate();
      yield `${word} `;
    }
  }
}

const result = readSettings(process.env, { dotEnv: {}, audioConfig: {} }, process.cwd());
if (!result.ok) throw new Error(result.errors.join('\n'));
const { settings } = result;
const log = createLog({ level: settings.logLevel });
const prompts = await loadPrompts(settings.promptsDirectory, shippedPrompts(), settings.language);
const server = await createServer({
  settings,
  log,
  assistant: {
    services: { ...createServices(settings), replier: new EchoReplier() },
    prompts: prompts.book,
  },
  release: { version: packageVersion(), pages: builtPages() },
  records: { catalogue: await openConfiguredCatalogue(settings, log) },
});
const port = await server.listen(settings.port, settings.host);
log.info({ port }, 'the echo assistant is listening');
process.once('SIGTERM', () => void server.close(settings.limits.drainSeconds));
