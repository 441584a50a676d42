/** `npm run dev`: serves, and restarts with a new build when sources change. Pages are built, too: reload them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';

const ROOT = path.resolve(import.meta.dirname, '..');
const WATCHED = ['src', 'pages'];
/** Editors and `git checkout` write many files at once. */
const QUIET_MS = 200;
/** A second signal ends live calls; the first is passed on by npm too, and counts once for two seconds. */
const CALLS_MAY_FINISH_MS = 2_500;

let server;
let timer;
let restarting = Promise.resolve();

function serve() {
  const options = { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '--enable-source-maps' } };
  server = spawn(process.execPath, [path.join(ROOT, 'bin/offhook.mjs'), 'serve'], options);
}

/** A build that fails leaves the server of the previous one running. */
async function restart() {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/build/build.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0) return;
  await stop();
  serve();
}

async function stop() {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  const hurry = setTimeout(() => server.kill('SIGTERM'), CALLS_MAY_FINISH_MS);
  await ended;
  clearTimeout(hurry);
}

for (const name of WATCHED)
  watch(path.join(ROOT, name), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => (restarting = restarting.then(restart)), QUIET_MS);
  });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop().then(() => process.exit(0)));
serve();
