import { hashSource } from './headers.ts';

/** What a browser shows while the database opens. It asks again by itself; nothing in it is loaded from elsewhere. */
const STYLE = `
:root { color-scheme: light dark; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif;
  background: light-dark(#fbfbfa, #17181a); color: light-dark(#26282b, #e6e6e3); }
main { max-width: 28rem; padding: 2rem; text-align: center; }
h1 { font-size: 1.25rem; font-weight: 600; margin: 0 0 .5rem; }
p { margin: 0; color: light-dark(#5c6066, #a5a9ae); }
`;

export const PREPARING_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2">
<title>TaskFlow is preparing</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>TaskFlow is preparing</h1>
<p role="status">Its database is opening. This page goes on by itself in a moment.</p>
</main>
</body>
</html>
`;

/** Lets that page have its one style, and nothing else. */
export const PREPARING_POLICY = `default-src 'none'; style-src ${hashSource(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
