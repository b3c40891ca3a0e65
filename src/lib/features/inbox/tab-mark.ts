import { base } from '$app/paths';

/**
 * Shows a count before the page's own title, and a dot on its icon. Whatever title a page gives itself keeps the count.
 * Returns what changes it, and what ends it.
 */
export function markTab(): { show: (count: number) => void; end: () => void } {
  let count = 0;
  let own = document.title;
  let written = own;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');

  function write(): void {
    written = count === 0 ? own : `(${count > 99 ? '99+' : count}) ${own}`;
    if (document.title !== written) document.title = written;
  }
  const watch = new MutationObserver(() => {
    if (document.title === written) return;
    own = document.title;
    write();
  });
  watch.observe(document.head, { childList: true, subtree: true, characterData: true });

  return {
    show(next) {
      if (next === count) return;
      count = next;
      write();
      if (icon !== null) icon.href = `${base}/icons/${count === 0 ? 'icon' : 'icon-unread'}.svg`;
    },
    end() {
      watch.disconnect();
      count = 0;
      write();
    },
  };
}
