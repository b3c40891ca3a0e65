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
  const command = (ctrlKey || metaKey) && !altKey;
  const step = shiftKey ? -1 : 1;
  if (command && !shiftKey && key.toLowerCase() === 'k') return on.palette;
  // On many keyboards the slash needs Shift.
  if (command && key === '/') return on.shortcuts;
  if (key === 'F6' && !ctrlKey && !metaKey && !altKey) return () => on.region(step);
  if (altKey && !ctrlKey && !metaKey && !shiftKey && key === 'ArrowDown') return () => on.unread(1);
  if (altKey && !ctrlKey && !metaKey && !shiftKey && key === 'ArrowUp') return () => on.unread(-1);
  return null;
}
