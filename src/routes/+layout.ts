import { base } from '$app/paths';
import { setBase } from '$lib/api/client.ts';
import { setEndpoint } from '$lib/sync/endpoint.ts';

/** Every page is drawn in the browser, from what is on the device. */
export const ssr = false;
export const prerender = false;

setBase(base);
setEndpoint({ base });
