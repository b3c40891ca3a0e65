/** The forms of a board come after it: it is read before it is written to. Both are fetched once it stands. */
export const typingForm = () => import('./typing-form.svelte');
export const titleForm = () => import('./title-form.svelte');

/** So that they are there when they are asked for, also when the network is not. */
export function fetchForms(): void {
  void Promise.all([typingForm(), titleForm()]).catch(() => undefined);
}
