import type { Locator, Page } from '@playwright/test';
import { browserOf, expect, messageBox, messages, noViolations, say, team, test } from './app.ts';

/** Puts it on the clipboard, as another program does: from a page without our policy. */
async function copy(page: Page, plain: string, html?: string): Promise<void> {
  const other = await page.context().newPage();
  // Another origin: the service worker of ours would answer with our page.
  const url = 'http://127.0.0.1/elsewhere';
  await other.route(url, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>x</title>' }),
  );
  await other.goto(url);
  await other.evaluate(
    async ({ plain, html }) => {
      const parts: Record<string, Blob> = { 'text/plain': new Blob([plain], { type: 'text/plain' }) };
      if (html !== undefined) parts['text/html'] = new Blob([html], { type: 'text/html' });
      await navigator.clipboard.write([new ClipboardItem(parts)]);
    },
    { plain, html },
  );
  await other.close();
  await page.bringToFront();
}

/** Drops in the middle of what is there; files by their names. Returns whether the page kept the browser from acting. */
async function drop(target: Locator, data: { plain?: string; html?: string; file?: string }): Promise<boolean> {
  return target.evaluate((element, { plain, html, file }) => {
    const carried = new DataTransfer();
    if (plain !== undefined) carried.setData('text/plain', plain);
    if (html !== undefined) carried.setData('text/html', html);
    if (file !== undefined) carried.items.add(new File(['x'], file, { type: 'image/png' }));
    const { x, y } = element.getBoundingClientRect();
    const at = { bubbles: true, cancelable: true, clientX: x + 4, clientY: y + 12, dataTransfer: carried };
    element.dispatchEvent(new DragEvent('dragover', at));
    return !element.dispatchEvent(new DragEvent('drop', at));
  }, data);
}

const HTML =
  '<meta charset="utf-8"><p style="color:red">see <b>the <i>plan</i></b></p><ul><li>one</li><li>two</li></ul>';
const MARKDOWN = 'see **the *plan***\n\n- one\n- two';
const files = (page: Page): Locator => page.getByText('Files cannot be sent in a message');

test.describe('what is pasted and dropped', () => {
  let page: Page;
  let box: Locator;
  let username: string;

  test.beforeEach(async ({ browser, server, owner }) => {
    const { board, room, anna, ben } = await team(server, owner);
    username = ben.username;
    const context = await browserOf(browser, server, anna);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    page = await context.newPage();
    await page.goto(`/b/${board}/r/${room}`);
    box = messageBox(page);
    await expect(box).toHaveAttribute('data-takes', 'rich-text');
    await box.click();
  });

  test('[K11] a page of the web becomes Markdown in one step of undo, and is shown as it was', async () => {
    await box.pressSequentially('Look: ');
    await copy(page, 'see the plan', HTML);
    await box.press('Control+v');
    await expect(box).toHaveValue(`Look: ${MARKDOWN}`);
    await box.pressSequentially('!');
    await box.press('Control+z');
    await expect(box).toHaveValue(`Look: ${MARKDOWN}`);
    await box.press('Control+z');
    await expect(box).toHaveValue('Look: ');
    await box.press('Control+Shift+z');
    await expect(box).toHaveValue(`Look: ${MARKDOWN}`);
    await box.press('Enter');
    await expect(messages(page).locator('.text strong')).toHaveText('the plan');
    await expect(messages(page).locator('li', { hasText: 'two' }).last()).toBeVisible();
  });

  test('[K10] pasting plainly, into code, and from an editor of code gives the words alone', async () => {
    await copy(page, 'plain *words*', HTML);
    await box.press('Control+Shift+v');
    await expect(box).toHaveValue('plain *words*');
    await box.fill('```\n');
    await box.press('Control+v');
    await expect(box).toHaveValue('```\nplain *words*');
    await box.fill('');
    await copy(
      page,
      'if (a)\n\tb();',
      '<meta charset="utf-8"><div style="font-family:Menlo,monospace;white-space:pre;"><div><span style="font-weight:bold">if</span> (a)</div><div>\tb();</div></div>',
    );
    await box.press('Control+v');
    await expect(box).toHaveValue('if (a)\n\tb();');
  });

  test('[K9] an address over words makes a link of them, over an address it takes its place', async () => {
    await box.fill('plan');
    await copy(page, 'https://example.org/plan');
    await box.press('Control+a');
    await box.press('Control+v');
    await expect(box).toHaveValue('[plan](https://example.org/plan)');
    await box.press('Control+z');
    await expect(box).toHaveValue('plan');
    await box.fill('https://old.example/');
    await box.press('Control+a');
    await box.press('Control+v');
    await expect(box).toHaveValue('https://example.org/plan');
  });

  test('[K7] a message that is copied from the page keeps its marks, breaks, code and whom it mentions', async () => {
    const text = `**Hello** @${username}\n*second* line\n\n- one\n  - deep\n\n> quoted\n\n\`\`\`sh\nnpm ci\n\`\`\``;
    await say(page, text);
    const shown = messages(page).locator('.text').last();
    await expect(shown.locator('pre')).toHaveText('npm ci');
    await shown.evaluate((element) => getSelection()?.selectAllChildren(element));
    await page.keyboard.press('Control+c');
    await box.click();
    await box.press('Control+v');
    await expect(box).toHaveValue(text);
  });

  test('a message that is opened for editing takes the same', async () => {
    await say(page, 'first');
    await expect(messages(page).getByText('first')).toBeVisible();
    await box.press('ArrowUp');
    const edit = page.getByRole('textbox', { name: 'Edit message' });
    await expect(edit).toHaveAttribute('data-takes', 'rich-text');
    await copy(page, 'b', '<b>b</b>');
    await edit.press('Control+a');
    await edit.press('Control+v');
    await expect(edit).toHaveValue('**b**');
  });

  test('[K13] a file is refused in words that say what to do; the text with it is put in', async () => {
    await box.evaluate((element) => {
      const carried = new DataTransfer();
      carried.items.add(new File(['x'], 'screen.png', { type: 'image/png' }));
      carried.setData('text/plain', 'as agreed');
      element.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: carried }));
    });
    await expect(files(page)).toBeVisible();
    await expect(box).toHaveValue('as agreed');
    await noViolations(page);
  });

  test('[K13] a file dropped anywhere leaves the page and what is typed in it', async () => {
    await box.fill('typed');
    const url = page.url();
    expect(await drop(page.locator('main'), { file: 'a.png' })).toBe(true);
    await expect(files(page)).toHaveCount(1);
    expect(await drop(box, { file: 'a.png' })).toBe(true);
    await expect(box).toHaveValue('typed');
    expect(page.url()).toBe(url);
  });

  test('[K11] HTML is dropped where it is let go, and the box shows that it takes it', async () => {
    await box.fill('after');
    await box.evaluate((element) => {
      const carried = new DataTransfer();
      carried.setData('text/html', '<b>x</b>');
      element.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: carried }));
    });
    await expect(box).toHaveAttribute('data-drop', 'text');
    expect(await drop(box, { plain: 'bold', html: '<b>bold</b> ' })).toBe(true);
    await expect(box).toHaveValue('**bold**after');
    await expect(box).not.toHaveAttribute('data-drop');
    await box.press('Control+z');
    await expect(box).toHaveValue('after');
  });

  test('[K11] its own words are moved by the browser, as they are', async () => {
    await box.fill('`one` *two*');
    await box.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(0, 5));
    const { x, y } = (await box.boundingBox())!;
    await page.mouse.move(x + 12, y + 18);
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 18, { steps: 4 });
    await page.mouse.move(x + 240, y + 18, { steps: 4 });
    await page.mouse.up();
    await expect(box).toHaveValue(/^ ?\*two\* ?`one`$/);
  });

  test('[K12] too long a text is counted and kept, and one beyond all measure stays on the clipboard', async () => {
    await copy(page, 'x'.repeat(8_100));
    await box.press('Control+v');
    await expect(page.getByText('100 characters too long. It is kept here')).toBeVisible();
    await expect(box).toHaveValue('x'.repeat(8_100));
    await box.fill('');
    await copy(page, 'word '.repeat(400_000), `<b>${'word '.repeat(400_000)}</b>`);
    await box.press('Control+v');
    await expect(page.getByText('It is still on your clipboard')).toBeVisible();
    await expect(box).toHaveValue('');
  });

  test('on a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await copy(page, 'see the plan', HTML);
    await box.press('Control+v');
    await expect(box).toHaveValue(MARKDOWN);
    await drop(box, { file: 'a.png' });
    await expect(files(page)).toBeInViewport({ ratio: 1 });
    await noViolations(page);
  });
});
