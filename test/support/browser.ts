import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { CHROMIUM_PROGRAMS, requiredProgram } from '../../scripts/tier-tools.ts';
import { HANG_MS } from './comes-true.ts';

/** Nothing but the pages under test: no phoning home, no questions about the microphone. */
const SWITCHES = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  ...['--autoplay-policy=no-user-gesture-required', '--disable-renderer-backgrounding'],
];
const FAKE = '--use-fake-device-for-media-stream';
const ALLOWED = '--use-fake-ui-for-media-stream';

export interface BrowserOptions {
  /** What the microphone hears, once through; absent: beeps. */
  readonly microphone?: { readonly wav: string } | 'none' | 'refused';
  /** A name that means this machine, and that browsers do not take for it. */
  readonly name?: string;
  readonly page?: Pick<BrowserContextOptions, 'bypassCSP'>;
}

/** A real browser without a window, with nothing of anybody's in it. */
export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

export async function startBrowser({ microphone, name, page }: BrowserOptions = {}): Promise<TestBrowser> {
  const folder = mkdtempSync(path.join(tmpdir(), 'offhook-browser-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: requiredProgram(...CHROMIUM_PROGRAMS),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [...SWITCHES, ...microphoneSwitches(microphone), ...nameSwitches(name)],
    ...page,
  });
  // Waits end when their condition holds. The limit only ends a test that hangs.
  context.setDefaultTimeout(HANG_MS);
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function microphoneSwitches(microphone: BrowserOptions['microphone']): string[] {
  if (microphone === 'none') return [ALLOWED];
  if (microphone === 'refused') return [FAKE, '--deny-permission-prompts'];
  const sound = microphone ? [`--use-file-for-fake-audio-capture=${microphone.wav}%noloop`] : [];
  return [ALLOWED, FAKE, ...sound];
}

function nameSwitches(name: string | undefined): string[] {
  return name === undefined ? [] : [`--host-resolver-rules=MAP ${name} 127.0.0.1`];
}
