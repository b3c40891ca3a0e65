import type { HTMLAttributes } from 'svelte/elements';
import type { Attachment } from 'svelte/attachments';

/** What a button or a link that looks like one passes on to its element. */
export type ControlAttributes = Omit<HTMLAttributes<HTMLElement>, 'children' | 'onclick'> & {
  onclick?: ((event: MouseEvent) => void) | undefined;
  disabled?: boolean | undefined;
  name?: string | undefined;
  value?: string | undefined;
  form?: string | undefined;
  download?: string | boolean | undefined;
  target?: string | undefined;
  rel?: string | undefined;
  [attachment: symbol]: Attachment<HTMLElement>;
};
