import { expect, test, type Locator, type Page } from '@playwright/test';
import { noViolations } from './app.ts';

/** More stops than any page of the tests has: the boards of a run's owner, one per test, are among them. */
const MOST_STOPS = 400;

const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluateAll((all) => all.some((one) => one === document.activeElement));

/** Presses Tab until this has the focus; fails when a whole round does not reach it while it is there. */
export async function tabTo(page: Page, locator: Locator, key = 'Tab'): Promise<void> {
  await expect(locator).toBeVisible();
  let stops: string[] = [];
  while (!(await isFocused(locator))) {
    if (stops.length === MOST_STOPS) {
      // The buttons of a message come with the focus in it; who is here comes and goes with a network.
      if (await locator.isVisible())
        throw new Error(`${key} does not reach ${locator.toString()}, only ${stops.join(', ')}`);
      await expect(locator).toBeVisible();
      stops = [];
    }
    await page.keyboard.press(key);
    stops.push(await page.evaluate(nameOfFocused));
  }
}

/** What stands in a message for what has the focus. Runs in the page. */
function nameOfFocused(): string {
  const { activeElement: one } = document;
  if (one === null || one === document.body) return 'nothing';
  const name = one.getAttribute('aria-label') ?? one.textContent.trim();
  return `${one.localName} “${name.slice(0, 30)}”`;
}

/** Presses F6 until this has the focus. Each press is waited for: what it does is fetched when it is first pressed. */
export async function regionTo(page: Page, locator: Locator): Promise<void> {
  for (let i = 0; i < 8 && !(await isFocused(locator)); i++) {
    const had = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press('F6');
    await page.waitForFunction((before) => document.activeElement !== before, had);
  }
  await expect(locator, 'F6 reaches it').toBeFocused();
}

/** Tab and Shift+Tab, a whole round each, leave the focus inside; the browser's own bars, which a page does not see, aside. */
export async function keepsFocus(page: Page, inside: Locator): Promise<void> {
  const where = (): Promise<string> =>
    inside.evaluate((view) => {
      const active = document.activeElement;
      if (active === null || active === document.body) return '';
      return view.contains(active) ? '' : active.outerHTML.slice(0, 200);
    });
  const stops = await inside
    .locator('a[href], button, input, textarea, select, [tabindex="0"]')
    .evaluateAll((all) => all.filter((one) => one.checkVisibility() && (one as HTMLElement).tabIndex >= 0).length);
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let i = 0; i < Math.min(stops, 12) + 2; i++) {
      await page.keyboard.press(key);
      expect(await where(), `${key} leaves the focus inside`).toBe('');
    }
  }
}

/** axe works in a page of its own: when this one comes to the front again, the browser may put the focus on its first link. */
async function checked(page: Page): Promise<void> {
  const had = await page.evaluateHandle(() => document.activeElement);
  await noViolations(page);
  await had.evaluate((one) => {
    if (one instanceof HTMLElement && one !== document.activeElement) one.focus();
  });
}

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };

/** Nothing to object to, wide and light, and on a phone in the dark; nothing sticks out there. */
export async function fine(page: Page): Promise<void> {
  await checked(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(PHONE);
  await checked(page);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'nothing sticks out sideways').toBeLessThanOrEqual(0);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(WIDE);
}

export type View = {
  /** What the step is called. */
  name: string;
  /** What opens it: Tab reaches it, and it has the focus again afterwards. */
  opener: Locator;
  view: Locator;
  /** Opens it, where that is not Enter. */
  key?: string;
  /** Nothing else takes the focus while it is open. */
  modal?: boolean;
  /** It only shows something: the focus stays with what opened it, and the next Tab goes in. */
  shows?: boolean;
  /** What is done in it by keys before it is closed. */
  use?: () => Promise<void>;
  /** It goes with what it hangs at when the page gets narrow. */
  onlyWide?: boolean;
};

/** Opens, checks, uses and closes a view without a mouse. */
export async function visit(
  page: Page,
  { name, opener, view, key = 'Enter', modal, shows, use, onlyWide }: View,
): Promise<void> {
  await test.step(name, async () => {
    await tabTo(page, opener);
    await page.keyboard.press(key);
    await expect(view).toBeVisible();
    if (shows) {
      await expect(opener).toBeFocused();
      await page.keyboard.press('Tab');
    }
    await expect
      .poll(() => view.evaluate((one) => one.contains(document.activeElement)), { message: 'the focus goes in' })
      .toBe(true);
    await (onlyWide ? checked(page) : fine(page));
    if (modal) await keepsFocus(page, view);
    await use?.();
    await page.keyboard.press('Escape');
    await expect(view).toBeHidden();
    await expect(opener, 'the focus comes back').toBeFocused();
  });
}
