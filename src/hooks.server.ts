import type { HandleServerError } from '@sveltejs/kit';

/** Kit prints every address that it does not know: anybody may make one up, and one may hold an invitation's code. */
export const handleError: HandleServerError = ({ error, status, message }) => {
  if (status >= 500) process.emitWarning(error instanceof Error ? error : String(error));
  return { message };
};
