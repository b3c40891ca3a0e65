import type { Person } from '$lib/model/board.ts';
import { MESSAGE_TEXT } from '$lib/model/limits.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import { insertText } from '../insert.ts';
import { PASTE_MOST, pastedText, type Pasted } from './pasted-text.ts';

const NO_FILES = 'Files cannot be sent in a message. Paste a link to the file instead.';
const FOR_MS = 9_000;

/**
 * Lets a box take what is pasted and dropped as the Markdown of a message, and say what it cannot take. What needs nothing
 * of it is left to the browser. It ends with the box.
 */
export function takeRichText(box: HTMLTextAreaElement | undefined, people: () => readonly Person[]): void {
  // It may have gone while this came.
  if (!box) return;
  /** Asked for by its own keys: pasted as it is. */
  let plainly = false;
  /** The box's own words are dragged: the browser moves them. */
  let own = false;

  const take = (event: ClipboardEvent | DragEvent, data: DataTransfer, from: number, to: number): void => {
    const pasted = contentOf(data);
    const files = hasFiles(data);
    const rich = pastedText(pasted, { value: box.value, from, to }, people());
    const text = rich ?? (files ? pasted.plain : null);
    if ((text ?? pasted.plain).length > PASTE_MOST) {
      event.preventDefault();
      tooLong((text ?? pasted.plain).length, event.type === 'drop');
    } else if (text !== null) {
      event.preventDefault();
      if (text !== '') insertAt(box, text, from, to);
    }
  };

  box.addEventListener('keydown', ({ key, shiftKey }) => (plainly = shiftKey && key.toLowerCase() === 'v'));
  box.addEventListener('keyup', () => (plainly = false));
  box.addEventListener('paste', (event) => {
    const data = event.clipboardData;
    if (data === null) return;
    if (hasFiles(data)) refuseFiles(event);
    if (plainly && !hasFiles(data) && data.getData('text/plain').length <= PASTE_MOST) return;
    take(event, data, box.selectionStart, box.selectionEnd);
  });

  const show = (what: 'text' | 'file' | null): void => {
    if (what === null) delete box.dataset.drop;
    else box.dataset.drop = what;
  };
  box.addEventListener('dragstart', () => (own = true));
  box.addEventListener('dragend', () => (own = false));
  box.addEventListener('dragover', ({ dataTransfer }) => {
    if (dataTransfer !== null && !own) show(hasFiles(dataTransfer) ? 'file' : 'text');
  });
  box.addEventListener('dragleave', () => show(null));
  box.addEventListener('drop', (event) => {
    show(null);
    const data = event.dataTransfer;
    if (data === null || own) return;
    const at = placeAt(box, event);
    if (at !== null) take(event, data, at, at);
  });
  box.dataset.takes = 'rich-text';
}

// Wherever on the page they are let go.
window.addEventListener('drop', (event) => {
  if (event.dataTransfer !== null && hasFiles(event.dataTransfer)) refuseFiles(event);
});

function contentOf(data: DataTransfer): Pasted {
  return { html: data.getData('text/html'), plain: data.getData('text/plain').replace(/\r\n?/g, '\n') };
}

function hasFiles(data: DataTransfer): boolean {
  return data.types.includes('Files');
}

function refuseFiles(event: Event): void {
  event.preventDefault();
  toasts.show(NO_FILES, { forMs: FOR_MS });
}

function tooLong(length: number, dropped: boolean): void {
  const where = dropped ? 'It is still where you took it from' : 'It is still on your clipboard';
  toasts.show(
    `That is ${length.toLocaleString('en')} characters, and a message has room for ${MESSAGE_TEXT.toLocaleString('en')}. ${where}: take it in parts, or paste a link to a file of it.`,
    { forMs: FOR_MS },
  );
}

type CaretPosition = { offsetNode: Node; offset: number };

/** Where in the box something is dropped; null where the browser does not say. */
function placeAt(box: HTMLTextAreaElement, { clientX, clientY }: DragEvent): number | null {
  const place = document as unknown as { caretPositionFromPoint?: (x: number, y: number) => CaretPosition | null };
  const found = place.caretPositionFromPoint?.(clientX, clientY);
  return found?.offsetNode === box ? found.offset : null;
}

/**
 * Puts text into the box as one step of its undo. The command for plain text makes an event and a step of layout for each
 * line, which took 14 s for 2,500 lines; the one for markup, given text without any, takes 0.1 s.
 */
function insertAt(box: HTMLTextAreaElement, text: string, from: number, to: number): void {
  box.focus();
  box.setSelectionRange(from, to);
  const before = box.value;
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  if (document.execCommand('insertHTML', false, markup) && box.value !== before) return;
  insertText(box, text);
}
