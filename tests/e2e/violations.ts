import type { Browser, BrowserContext } from '@playwright/test';

/** How Chromium words what a page was refused by its policy, in its console. */
const REFUSED = /Content Security Policy|require a 'Trusted|TrustedHTML|TrustedScript|Permissions-Policy header/;
const MARK = 'violation of the policy:';

/**
 * What pages of this browser were refused by their Content-Security-Policy, in the words of the browser, from now on.
 * Contexts that are made later are heard too.
 */
export function hearViolations(browser: Browser): { taken(): string[] } {
  const heard: string[] = [];
  const watch = async (context: BrowserContext): Promise<BrowserContext> => {
    context.on('console', (message) => {
      const text = message.text();
      if (text.startsWith(MARK) || REFUSED.test(text)) heard.push(`${message.page()?.url() ?? 'a worker'}: ${text}`);
    });
    await context.addInitScript((mark) => {
      document.addEventListener('securitypolicyviolation', (event) => {
        // eslint-disable-next-line no-console -- it is how the page tells the test
        console.error(
          mark,
          event.effectiveDirective,
          event.blockedURI,
          event.sourceFile,
          event.lineNumber,
          event.sample,
        );
      });
    }, MARK);
    return context;
  };
  const make = browser.newContext.bind(browser);
  browser.newContext = async (options) => watch(await make(options));
  return { taken: () => heard.splice(0) };
}
