import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe } from 'vitest';
import { KnownBrowsers } from '../../../src/http/auth/known-browsers.ts';
import { LoginThrottle } from '../../../src/http/auth/login-throttle.ts';
import { SessionStore } from '../../../src/http/auth/session-store.ts';
import { browserPromises, PASSWORD, sessionPromises, throttlePromises } from '../../suites/access.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'offhook-access-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const alone = <Part>(part: Part) => ({ a: part, b: part });

describe('sessions of one machine', () =>
  sessionPromises(() => alone(new SessionStore(PASSWORD, 2 ** 8)), 1_000.5));

describe('login attempts at one machine', () => throttlePromises(() => alone(new LoginThrottle()), 0));

describe('known browsers of one machine', () =>
  browserPromises(() => {
    const open = () =>
      new KnownBrowsers(path.join(directory, 'browser.key'), (error) => {
        throw error;
      });
    return { a: open(), b: open() };
  }));
