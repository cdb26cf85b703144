// What does not go as meant: bad input, a spelling nobody can print, a payment page that expires, an
// address that must be confirmed first.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letters, until } from './demo.mjs';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow, typeset, validHtml } from './checks.mjs';
import { BUS, fillIn, pay, text, views, visit } from './visitor.mjs';

const OVER = 'rostrenen-une-avance-pour-ceux-qui-attendent-leurs-subventions';
async function visitor() {
  const { context, page } = await visit(browser, demo, views[0]);
  const served = {};
  page.on('response', (response) => {
    if (response.request().isNavigationRequest()) served.html = response.text().catch(() => '');
  });
  return { context, page, served };
}

const toPayment = (page) => page.getByRole('button', { name: /vers le paiement/i }).click();

/** A page in the state it is in now, as every page must be. */
async function whole({ page, served }, name) {
  await accessible(page, name);
  await noOverflow(page, name);
  const html = await served.html;
  validHtml(html, name);
  typeset(html, name);
}

/** Sends the giving form of a page that is open, changed. */
async function send(context, page, slug, change) {
  const fields = await page.locator('form[method="post"]')
    .filter({ has: page.locator('#courriel') })
    .evaluate((form) => Object.fromEntries(new FormData(form)));
  const answer = await context.request.post(`${demo.site}/campagnes/${slug}/don`, {
    data: new URLSearchParams({ ...fields, ...change }).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin: demo.site },
    maxRedirects: 0,
  });
  const body = (await answer.text()).replace(/[\u00a0\u202f]/g, ' ');
  return { status: answer.status(), body };
}

test('each bad amount comes back with its own words', async () => {
  const { context, page } = await visitor();
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, 'montants@exemple.fr', { receipt: false });
  const cases = [
    ['0', /Donnez au moins 5 €/], ['-5', /Donnez au moins 5 €/], ['1e9', /n’est pas un nombre/],
    ['1000000000', /Donnez au plus 10 000 €/], ['abc', /n’est pas un nombre/],
    ['0.001', /deux chiffres après la virgule/], ['', /Choisissez un montant/],
  ];
  for (const [amount, words] of cases) {
    const change = { montant: 'libre', 'montant-libre': amount };
    const { status, body } = await send(context, page, BUS, change);
    assert.equal(status, 422, amount);
    assert.match(body, words, amount);
    assert.match(body, /value="montants@exemple.fr"/, 'what was typed is kept');
  }
  await context.close();
});

test('a gift to nobody, too late, too large or from elsewhere is refused in French', async () => {
  const { context, page } = await visitor();
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, 'refus@exemple.fr', { receipt: false });
  const expect = async (slug, change, status, words) => {
    const answer = await send(context, page, slug, change);
    assert.equal(answer.status, status, String(words));
    assert.match(answer.body, words);
  };
  await expect('nulle-part', {}, 404, /Cette page n’existe pas/);
  await expect(OVER, {}, 409, /Cette campagne est terminée/);
  await expect(BUS, { flow: 'faux' }, 403, /ouvert depuis trop longtemps/);
  await expect(BUS, { nom: 'x'.repeat(300_000) }, 413, /Envoi trop volumineux/);
  await expect(BUS, { inconnu: '1' }, 422, /Demande non comprise/);
  await context.close();
});

test('a name that no font can print is a fault beside its field', async () => {
  const visiting = await visitor();
  const { context, page } = visiting;
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, 'calligraphie@exemple.fr', { last: '王伟' });
  await toPayment(page);
  await page.locator('.resume-err').waitFor();
  await whole(visiting, 'not printable');
  assert.match(await page.locator('#nom-e').innerText(), /ne sait pas imprimer/);
  assert.equal(await page.locator('#nom').inputValue(), '王伟');
  assert.equal(await page.locator('#adresse').inputValue(), '12, rue des Écoles');
  await context.close();
});

test('a payment page that expired says so, and that nothing was taken', async () => {
  const visiting = await visitor();
  const { context, page } = visiting;
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, 'expire@exemple.fr', { receipt: false });
  await toPayment(page);
  await page.waitForURL(`${demo.sandbox}/**`);
  const session = page.url().match(/cs_[A-Za-z0-9_]+/)[0];
  await page.getByRole('button', { name: /abandonner/i }).click();
  await page.waitForURL(`${demo.site}/dons/**`);
  assert.match(await text(page), /Le paiement n’est pas terminé/);
  assert.match(await text(page), /32 € vous reste réservé/);
  await whole(visiting, 'abandoned');
  const expired = await fetch(`${demo.sandbox}/v1/checkout/sessions/${session}/expire`, {
    method: 'POST', headers: { authorization: 'Bearer sk_test_demonstration' },
  });
  assert.equal(expired.status, 200);
  await until('the page says so', async () => {
    await page.reload();
    return /La page de paiement a expiré/.test(await text(page));
  }, 30);
  assert.match(await text(page), /Rien n’a été débité/);
  await whole(visiting, 'expired');
  await context.close();
});

test('after many declines an address is confirmed by letter, then one button pays', {
  timeout: 120_000,
}, async () => {
  const email = 'essais@exemple.fr';
  const visiting = await visitor();
  const { context, page } = visiting;
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, email, { receipt: false });
  await toPayment(page);
  for (let tries = 0; tries < 4; tries += 1) {
    await pay(page, demo, /refuser/i);
    await page.getByText('La banque a refusé cette carte').waitFor();
  }
  // The declines count once the bank's word has been read: a moment later at most.
  await until('the letter is announced', async () => {
    await page.goto(`${demo.site}/campagnes/${BUS}/don`);
    await fillIn(page, email, { amount: '37,50' });
    await toPayment(page);
    return /Confirmez votre adresse/.test(await text(page));
  }, 30);
  const letter = await until('the letter', async () => (await letters(demo)).find((one) =>
    /^Confirmez votre don/.test(one.subject) && JSON.stringify(one).includes(email)));
  const html = await (await fetch(`${demo.site}/courriels/${letter.id}/html`)).text();
  const [link] = html.match(/\/dons\/confirmer\/[A-Za-z0-9_-]+/);
  await page.goto(demo.site + link);
  await whole(visiting, 'confirm');
  const said = await text(page);
  for (const words of ['37,50 €', '60 €', '97,50 €', '12,75 €', 'Camille d’Été', email]) {
    assert.ok(said.includes(words), words);
  }
  assert.equal(await page.locator('main form input:not([type="hidden"])').count(), 0);
  await page.getByRole('button', { name: /^Payer/ }).click();
  await pay(page, demo, /^Payer/);
  await page.waitForURL(`${demo.site}/dons/**`);
  await until('the thank-you page knows', async () => {
    await page.reload();
    return /97,50 €/.test(await text(page));
  }, 30);
  const gone = await page.goto(`${demo.site}/dons/confirmer/inconnu`);
  assert.equal(gone.status(), 410);
  await whole(visiting, 'confirm, expired');
  await context.close();
});
