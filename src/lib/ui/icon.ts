import type { Component } from 'svelte';

/** An icon of `@lucide/svelte/icons/<name>`: import each by its path, so that only what is used is shipped. */
export type Icon = Component<{ size?: number | string; strokeWidth?: number | string }>;
