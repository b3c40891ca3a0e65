/** The page without a page: prerendered once, kept by the service worker, and given for every address of the app. */
export const prerender = true;
