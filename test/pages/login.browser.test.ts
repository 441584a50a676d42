import { afterAll, beforeAll, expect, it } from 'vitest';
import { faultsInAllLooks } from '../support/all-looks.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { builtPages } from '../support/built-pages.ts';
import { comesTrue } from '../support/comes-true.ts';
import { Offhook } from '../support/test-server.ts';

const PASSWORD = 'a long password for tests';

let offhook: Offhook;
let browser: TestBrowser;
beforeAll(async () => {
  offhook = await Offhook.start({ ADMIN_PASSWORD: PASSWORD }, { pages: builtPages() });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await offhook.close();
});

it('a visitor is redirected to the login page, back afterwards, and can log out', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/recordings?x=1`);
  expect(page.url()).toBe(`${offhook.url}/login?to=%2Frecordings%3Fx%3D1`);
  // Pages that would only lead back here are not offered.
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  expect(await page.getByRole('link', { name: 'Calls' }).count()).toBe(0);
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Log in' }).click();
  await comesTrue(
    'it is said',
    async () => (await page.getByRole('alert').textContent()) === 'That is not the password.',
  );
  expect(await faultsInAllLooks(page, 'login-wrong')).toEqual([]);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${offhook.url}/recordings?x=1`);
  const [cookie] = await browser.context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: false });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${offhook.url}/login`);
  await page.goto(`${offhook.url}/phone`);
  expect(page.url()).toContain('/login?to=');
  await page.close();
});

it('an address of another site is not followed after the login', async () => {
  const page = await browser.context.newPage();
  await page.goto(`${offhook.url}/login?to=${encodeURIComponent('//elsewhere.example/phone')}`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${offhook.url}/phone`);
  await page.close();
});
