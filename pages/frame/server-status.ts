import { askServer } from './ask-server.ts';

/** The parts of `GET /health` that concern users; a request that is not admitted receives only the status. */
interface Health {
  readonly status?: 'ok' | 'degraded' | 'draining';
  readonly problems?: readonly string[];
  readonly missing?: readonly string[];
}

const EVERY_MS = 30_000;

let health: Health = {};
let watching = false;
const subscribers = new Set<() => void>();

/** Calls back whenever the state of the server has changed. */
export function onServerChange(changed: () => void): void {
  subscribers.add(changed);
}

/** Requests the state of the server now, and every 30 s while the page is visible. For admitted users. */
export function watchServer(changed: () => void): void {
  onServerChange(changed);
  if (watching) return;
  watching = true;
  void refresh();
  setInterval(() => {
    if (!document.hidden) void refresh();
  }, EVERY_MS);
}

/** What does not work, as sentences. */
export function problems(): readonly string[] {
  return health.problems ?? [];
}

/** True while no new calls are accepted because an operator or a shutdown wants so. */
export function isDraining(): boolean {
  return health.status === 'draining';
}

/** True if no transcription service is configured. */
export function lacksTranscription(): boolean {
  return health.missing?.includes('transcription') ?? false;
}

async function refresh(): Promise<void> {
  try {
    const now = await askServer<Health>('/health');
    if (
      now.status === health.status &&
      JSON.stringify(now.problems) === JSON.stringify(health.problems) &&
      now.missing?.length === health.missing?.length
    )
      return;
    health = now;
    for (const changed of subscribers) changed();
  } catch {
    // The page itself reports that the server does not respond.
  }
}
