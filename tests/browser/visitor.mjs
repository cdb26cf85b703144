// Somebody who gives, with a mouse or a keyboard.
import assert from 'node:assert/strict';

export const BUS = 'le-bus-des-demarches-de-la-creuse';

export const views = [
  { width: 1280, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

/** A visitor, and what went wrong on the way: errors of the console, requests that left the house. */
export async function visit(browser, demo, view, options = {}) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.scheme,
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    const ours = [demo.site, demo.sandbox].some((base) => url.startsWith(base));
    if (!ours && !url.startsWith('data:')) faults.push(`left the house: ${url}`);
  });
  return { context, page, faults };
}

/** Fills the giving form: 20 €, or a free amount. */
export async function fillIn(page, email, { receipt = true, method = 'carte', amount, last } = {}) {
  await page.locator(`label[for="${amount ? 'f-libre' : 'f-2'}"]`).click();
  if (amount) await page.locator('#montant-libre').fill(amount);
  await page.locator('#courriel').fill(email);
  await page.locator(receipt ? '#rf-oui' : '#rf-non').check();
  await page.locator('#prenom').fill('Camille');
  await page.locator('#nom').fill(last ?? 'd’Été');
  if (receipt) {
    await page.locator('#adresse').fill('12, rue des Écoles');
    await page.locator('#cp').fill('23000');
    await page.locator('#ville').fill('Guéret');
  }
  await page.locator(`input[name="moyen"][value="${method}"]`).check();
}

/** Presses a button of the payment page. */
export async function pay(page, demo, button) {
  await page.waitForURL(`${demo.sandbox}/**`);
  await page.getByRole('button', { name: button }).first().click();
}

/** What a page says, with plain spaces. */
export const text = (page) => page.locator('main').innerText().then((found) =>
  found.replace(/[\u00a0\u202f]/g, ' '));

/** Presses Tab until the wanted element has the focus. */
export async function tabTo(page, selector, most = 120) {
  for (let stop = 0; stop < most; stop += 1) {
    const there = await page.evaluate((wanted) =>
      document.activeElement?.matches(wanted) ?? false, selector);
    if (there) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector}: not reached by the Tab key`);
}
