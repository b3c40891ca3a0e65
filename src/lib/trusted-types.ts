type Rules = {
  createHTML(html: string, type: string, sink: string): string | null;
  createScriptURL(url: string): string | null;
};
type Factory = { createPolicy(name: string, rules: Rules): unknown };

/**
 * The pages' policy forbids that plain text becomes markup or the address of a script. These are the only exceptions;
 * everything else that tries is refused by the browser, and seen in its console.
 */
export function allowTrustedTypes(base: string): void {
  const { trustedTypes } = globalThis as { trustedTypes?: Factory };
  trustedTypes?.createPolicy('default', {
    // What has no bracket is text: the drag-and-drop library empties an element so, and what is pasted is put into a box.
    // A parsed document runs nothing: SvelteKit makes the page of last resort of one.
    createHTML: (html, _type, sink) => (!html.includes('<') || sink === 'DOMParser parseFromString' ? html : null),
    createScriptURL: (url) => (url === `${base}/service-worker.js` ? url : null),
  });
}
