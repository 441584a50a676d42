import path from 'node:path';
import type { Page } from 'playwright-core';
import { seriousFaults } from './page-faults.ts';

/** Set it to a folder to look at what the tests saw. */
const SCREENSHOTS = process.env['SCREENSHOTS'];
const SIZES = {
  wide: { width: 1280, height: 800 },
  narrow: { width: 375, height: 740 },
} as const;

/** Colors that change slowly are compared when they have changed. */
const TRANSITIONS_END = `Promise.allSettled(
  document.getAnimations().filter((each) => each instanceof CSSTransition).map(({ finished }) => finished),
)`;

/** What is wrong with a page as it stands, light and dark, wide and narrow: faults that axe finds, or too little room. */
export async function faultsInAllLooks(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    for (const [size, viewport] of Object.entries(SIZES)) {
      const look = `${name}-${colorScheme}-${size}`;
      await page.setViewportSize(viewport);
      await page.evaluate(TRANSITIONS_END);
      const file = SCREENSHOTS && path.join(SCREENSHOTS, `${look}.png`);
      if (file) await page.screenshot({ path: file, fullPage: true });
      faults.push(...(await seriousFaults(page)).map((fault) => `${look}: ${fault}`));
      const widthPx = await page.evaluate<number>('document.documentElement.scrollWidth');
      if (widthPx > viewport.width) faults.push(`${look}: is ${widthPx} px wide`);
    }
  }
  return faults;
}
