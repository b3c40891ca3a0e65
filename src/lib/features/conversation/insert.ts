/** Puts text where the caret is, or over the selection, as if it was typed: it can be undone, and the box hears of it. */
export function insertText(box: HTMLTextAreaElement, text: string): void {
  box.focus();
  // Of the ways to write into a box it is the only one that the browser's own undo knows.
  if (document.execCommand('insertText', false, text)) return;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, 'end');
  box.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText', data: text }));
}

/** What is done with an emoji that was picked. What writes it into a box comes with the picker, not with the page. */
export type OnPick = (emoji: string, insert: typeof insertText) => void;
