type Keys = {
  palette: () => void;
  shortcuts: () => void;
  region: (step: 1 | -1) => void;
  unread: (step: 1 | -1) => void;
};

/** Listens for the shortcuts that work everywhere; returns what ends that. A modal dialog has the keys for itself. */
export function watchKeys(on: Keys): () => void {
  const onkeydown = (event: KeyboardEvent): void => {
    if (event.isComposing || event.defaultPrevented) return;
    const act = actOf(event, on);
    if (act === null || document.querySelector('dialog:modal') !== null) return;
    event.preventDefault();
    act();
  };
  addEventListener('keydown', onkeydown);
  return () => removeEventListener('keydown', onkeydown);
}

function actOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent, on: Keys): (() => void) | null {
  const control = ctrlKey || metaKey;
  if (control && !altKey && !shiftKey && key.toLowerCase() === 'k') return on.palette;
  // On many keyboards the slash needs Shift.
  if (control && !altKey && key === '/') return on.shortcuts;
  if (control) return null;
  if (!altKey && key === 'F6') return () => on.region(shiftKey ? -1 : 1);
  if (altKey && !shiftKey && /^Arrow(Down|Up)$/.test(key)) return () => on.unread(key === 'ArrowUp' ? -1 : 1);
  return null;
}
