type Line = { id: number; text: string };

/** What the live regions hold; an identical text said again is a new line, so it is spoken again. */
class Lines {
  polite = $state.raw<Line | null>(null);
  assertive = $state.raw<Line | null>(null);
}

export const lines = new Lines();
let next = 0;

/** Says a sentence to people who use a screen reader; needs one `<Announcer />` on the page. */
export function announce(text: string, urgency: 'polite' | 'assertive' = 'polite'): void {
  lines[urgency] = { id: ++next, text };
}
