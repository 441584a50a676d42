import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

/** Where distributions put it; `scripts/test-tools.mjs` sees to it that there is one. */
const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDERS = (process.env['PATH'] ?? '').split(':');
/** Nothing but the pages under test: no phoning home, no questions about the microphone. */
const SWITCHES = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  ...['--autoplay-policy=no-user-gesture-required', '--disable-renderer-backgrounding'],
];
const MICROPHONE = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

export interface BrowserOptions {
  /** A WAV that the microphone hears, once through; absent: beeps. False: there is no microphone. */
  readonly microphone?: string | false;
  readonly page?: Pick<BrowserContextOptions, 'colorScheme' | 'viewport' | 'reducedMotion' | 'permissions'>;
}

/** A real browser without a window, with nothing of anybody's in it. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function startBrowser({ microphone, page }: BrowserOptions = {}): Promise<TestBrowser> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-browser-'));
  const sound =
    typeof microphone === 'string' ? [`--use-file-for-fake-audio-capture=${microphone}%noloop`] : [];
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: programPath(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...SWITCHES, ...(microphone === false ? [] : MICROPHONE), ...sound],
    ...page,
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function programPath(): string {
  for (const program of PROGRAMS)
    for (const folder of FOLDERS)
      if (existsSync(path.join(folder, program))) return path.join(folder, program);
  throw new Error('no Chromium or Chrome is installed; `node scripts/test-tools.mjs` sees to it');
}
