// The first gift, all the way, as a person would: bus of Creuse, 20 €, paid, thanked, receipted.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { letters, until } from './demo.mjs';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow, visibleFocus } from './checks.mjs';
import { BUS, fillIn, pay, tabTo, text, views, visit } from './visitor.mjs';

const visitor = (view, options) => visit(browser, demo, view, options);

describe('a gift by card', () => {
  for (const view of views) {
    test(`of 20 € at ${view.width} px, ${view.scheme}`, { timeout: 120_000 }, async () => {
      const email = `camille.${view.width}@exemple.fr`;
      const { context, page, faults } = await visitor(view);
      const watcher = await context.newPage();
      await watcher.goto(`${demo.site}/campagnes/${BUS}`);

      await page.goto(demo.site);
      await accessible(page, 'home');
      await page.goto(`${demo.site}/campagnes?q=bus+creuse`);
      await accessible(page, 'list');
      await page.getByRole('link', { name: /bus des démarches/i }).first().click();
      await page.waitForURL(`**/campagnes/${BUS}`);
      await accessible(page, 'campaign');
      await page.goto(`${demo.site}/campagnes/${BUS}/don`);
      await accessible(page, 'form');
      await noOverflow(page, 'form');
      assert.match(await text(page), /le fonds ajoute\s+32 €/);
      await fillIn(page, email);
      await page.getByRole('button', { name: /vers le paiement/i }).click();
      await page.waitForURL(`${demo.sandbox}/**`);
      await accessible(page, 'payment page');
      await pay(page, demo, /^Payer/);

      await page.waitForURL(`${demo.site}/dons/**`);
      // The match is there with the payment, the receipt a moment later.
      await until('the thank-you page knows', async () => {
        await page.reload();
        const shown = await text(page);
        return /52 €/.test(shown) && /Reçu fiscal émis/.test(shown);
      }, 30);
      await accessible(page, 'thanks');
      await noOverflow(page, 'thanks');
      const thanks = await text(page);
      for (const amount of ['10 €', '8 €', '6 €', '32 €', '52 €']) {
        assert.ok(thanks.includes(amount), `${amount} in the thanks`);
      }
      assert.match(thanks, /6,80 €/, 'the cost after tax');

      const written = await until('the letters', async () => {
        const mine = (await letters(demo)).filter((letter) =>
          JSON.stringify(letter).includes(email));
        return mine.length >= 3 ? mine : null;
      }, 60);
      const all = JSON.stringify(written);
      assert.match(all, /application\/pdf/, 'the receipt is attached');
      assert.match(all.replace(/[\u00a0\u202f]/g, ' '), /52 €/);
      await page.goto(`${demo.site}/courriels?a=${email}`);
      assert.match(await text(page), new RegExp(`${written.length} courriels pour ${email}`));
      assert.deepEqual(faults, []);
      await context.close();
    });
  }

  test('that is declined leaves the donor on the payment page, and nothing counted', async () => {
    const { context, page } = await visitor(views[0]);
    await page.goto(`${demo.site}/campagnes/${BUS}/don`);
    await fillIn(page, 'refus@exemple.fr', { receipt: false });
    await page.getByRole('button', { name: /vers le paiement/i }).click();
    await pay(page, demo, /refuser/i);
    await page.waitForURL(`${demo.sandbox}/**`);
    assert.equal((await letters(demo)).filter((letter) =>
      JSON.stringify(letter).includes('refus@exemple.fr')).length, 0);
    await context.close();
  });

  test('is made with the keyboard alone, from the home page to the thanks', { timeout: 120_000 },
    async () => {
      const { context, page, faults } = await visitor(views[0]);
      const type = (words) => page.keyboard.type(words);
      const press = (key) => page.keyboard.press(key);
      await page.goto(demo.site);
      await tabTo(page, 'a.btn[href="/campagnes"]');
      await press('Enter');
      await page.waitForURL('**/campagnes');
      await tabTo(page, 'input[name="q"]');
      await type('bus creuse');
      await press('Enter');
      await page.waitForURL('**/campagnes?*');
      await tabTo(page, `a[href="/campagnes/${BUS}"]`);
      await press('Enter');
      await page.waitForURL(`**/campagnes/${BUS}`);
      await tabTo(page, '.don-boite button[type="submit"]:not([name])');
      await press('Enter');
      await page.waitForURL(`**/campagnes/${BUS}/don*`);
      await tabTo(page, '#courriel');
      await type('clavier@exemple.fr');
      await tabTo(page, 'input[name="recu"]');
      await press('Space');
      for (const [field, words] of [['prenom', 'Camille'], ['nom', 'd’Été'],
        ['adresse', '12, rue des Écoles'], ['cp', '23000'], ['ville', 'Guéret']]) {
        await tabTo(page, `#${field}`);
        await type(words);
      }
      await tabTo(page, 'form[method="post"] button.btn-l[type="submit"]');
      await press('Enter');
      await page.waitForURL(`${demo.sandbox}/**`);
      await tabTo(page, 'button[value="payer"]');
      await press('Enter');
      await page.waitForURL(`${demo.site}/dons/**`);
      await until('the thank-you page knows', async () => {
        await page.reload();
        return /Reçu fiscal émis/.test(await text(page));
      }, 30);
      assert.deepEqual(faults, []);
      await context.close();
    });

  test('of a free amount works without script, receipt and refund too', { timeout: 120_000 },
    async () => {
      const { context, page } = await visitor(views[0], { javaScriptEnabled: false });
      await page.goto(`${demo.site}/campagnes/${BUS}/don`);
      await fillIn(page, 'sans-script@exemple.fr', { amount: '37,50' });
      await page.getByRole('button', { name: 'Calculer' }).click();
      assert.match(await text(page), /97,50 €/, 'what the project receives');
      assert.equal(await page.locator('#ville').inputValue(), 'Guéret', 'kept');
      await page.getByRole('button', { name: /vers le paiement/i }).click();
      await pay(page, demo, /^Payer/);
      await page.waitForURL(`${demo.site}/dons/**`);
      const shows = (words) => until(`the page says ${words}`, async () => {
        await page.reload();
        return words.test(await text(page));
      }, 30);
      await shows(/Reçu fiscal émis/);
      assert.match(await text(page), /97,50 €/);
      await page.getByText('Demander le remboursement', { exact: true }).click();
      await page.getByRole('button', { name: /Demander le remboursement de/ }).click();
      await shows(/Don remboursé/);
      await context.close();
    });

  test('sent twice is one gift', { timeout: 120_000 }, async () => {
    const { context, page } = await visitor(views[0]);
    await page.goto(`${demo.site}/campagnes/${BUS}/don`);
    await fillIn(page, 'deux-fois@exemple.fr', { receipt: false });
    const form = await page.locator('form[method="post"]').filter({ has: page.locator('#courriel') })
      .evaluate((element) => new URLSearchParams(new FormData(element)).toString());
    const action = `${demo.site}/campagnes/${BUS}/don`;
    const send = () => context.request.post(action, {
      data: form,
      headers: { 'content-type': 'application/x-www-form-urlencoded', origin: demo.site },
      maxRedirects: 0,
    });
    const answers = await Promise.all([send(), send(), send()]);
    const places = answers.map((answer) => answer.headers().location);
    assert.deepEqual(answers.map((answer) => answer.status()), [303, 303, 303]);
    assert.equal(new Set(places).size, 1, places.join(' '));
    await context.close();
  });
});

test('every stop of the Tab key is seen', { timeout: 120_000 }, async () => {
  for (const view of views) {
    const { context, page } = await visitor(view);
    for (const path of ['/', '/campagnes', `/campagnes/${BUS}`, `/campagnes/${BUS}/don`]) {
      await page.goto(demo.site + path);
      await visibleFocus(page, path);
    }
    await context.close();
  }
});
