/** What development needs of the server, in one module that Vite can load afresh. */
export { prepareSetup } from './auth/setup.ts';
export { compose } from './compose.ts';
export { readConfig, withPort } from './config.ts';
export { createApp } from './http/app.ts';
export { createLog } from './log.ts';
