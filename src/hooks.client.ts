import { base } from '$app/paths';
import { allowTrustedTypes } from '$lib/trusted-types.ts';
import type { HandleClientError } from '@sveltejs/kit';

allowTrustedTypes(base);

/** How browsers and Vite say that a piece of the app did not arrive: each in words of its own. */
const CUT = /module|preload/;

export const handleError: HandleClientError = ({ error, message }) => ({
  message,
  cut: error instanceof Error && CUT.test(error.message),
});
