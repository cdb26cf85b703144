// A demonstration and a browser, for all tests of one file.
import { after, before } from 'node:test';
import { openBrowser, startDemo } from './demo.mjs';

/** Whoever imports them sees them as they are now. */
export let demo;
export let browser;

before(async () => {
  demo = await startDemo();
  browser = await openBrowser();
}, { timeout: 120_000 });

after(async () => {
  await browser?.close();
  await demo?.stop();
});
