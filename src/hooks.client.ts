import { base } from '$app/paths';
import { allowTrustedTypes } from '$lib/trusted-types.ts';
import type { HandleClientError } from '@sveltejs/kit';

allowTrustedTypes(base);

/** How the browsers say that a piece of the app did not arrive. */
const CUT = /dynamically imported module|Importing a module script failed|Unable to preload CSS/;

export const handleError: HandleClientError = ({ error, message }) => ({
  message,
  cut: error instanceof Error && CUT.test(error.message),
});
