// One's own data: another address, said yes to by both; being forgotten, but for what the law keeps.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { letters, until } from './demo.mjs';
import { asks, codeIn, enters, types } from './doors.mjs';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { BUS, fillIn, pay, text, views, visit } from './visitor.mjs';

/** Gives with a receipt and waits for it. */
async function gives(page, email) {
  await page.goto(`${demo.site}/campagnes/${BUS}/don`);
  await fillIn(page, email);
  await page.getByRole('button', { name: /vers le paiement/i }).click();
  await pay(page, demo, /^Payer/);
  await page.waitForURL(`${demo.site}/dons/**`);
  await letterTo(email, /reçu fiscal/i);
}

/** The newest letter to an address about something, once it is there. */
const letterTo = (email, subject) => until(`a letter to ${email}: ${subject}`, async () =>
  (await letters(demo)).find((letter) =>
    JSON.stringify(letter).includes(email) && subject.test(letter.subject)), 60);

/** The link in a letter below a path of ours. */
async function linkIn(letter, path) {
  const url = `${demo.site}${letter.path ?? `/courriels/${letter.id}`}/html`;
  const body = await (await fetch(url)).text();
  return body.match(new RegExp(`href="([^"]+${path}/[^"]+)"`))[1];
}

/** Without a fault in either theme, and on a telephone. */
async function sound(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `${name} ${colorScheme}`);
  }
  await noOverflow(page, name);
}

test('both addresses say yes, then one comes in with the new one', { timeout: 180_000 }, async () => {
  const [old, fresh] = ['camille.avant@exemple.fr', 'camille.apres@exemple.fr'];
  const { page } = await visit(browser, demo, views[0]);
  await gives(page, old);
  await enters(page, old);
  await page.getByRole('link', { name: 'Changer d’adresse' }).click();
  await sound(page, 'another address');
  await page.locator('#courriel').fill(old);
  await page.getByRole('button', { name: 'Envoyer les deux messages' }).click();
  assert.match(await text(page), /C’est déjà votre adresse/);
  await sound(page, 'the same address');
  await page.locator('#courriel').fill(fresh);
  await page.getByRole('button', { name: 'Envoyer les deux messages' }).click();
  assert.match(await text(page), /Deux messages viennent de partir/);
  await sound(page, 'waiting');

  const confirm = await linkIn(await letterTo(fresh, /Confirmez/), '/mon-espace/adresse');
  const answer = await linkIn(await letterTo(old, /va-t-elle changer/), '/adresse');
  const elsewhere = await visit(browser, demo, views[1]);
  await elsewhere.page.goto(answer);
  await sound(elsewhere.page, 'the old address answers');
  await elsewhere.page.getByRole('button', { name: 'Oui, c’est moi' }).click();
  assert.match(await text(elsewhere.page), /L’autre adresse doit encore répondre/);
  await sound(elsewhere.page, 'answered');
  await page.goto(confirm);
  await sound(page, 'the new address answers');
  await page.getByRole('button', { name: 'Confirmer cette adresse' }).click();
  assert.match(await text(page), /Votre adresse a changé/);
  await sound(page, 'changed');

  await types(page, codeIn(await asks(page, fresh)));
  await page.waitForURL('**/mon-espace');
  assert.match(await text(page), new RegExp(`${fresh}[^]*bus des démarches`));
});

test('one is forgotten, told until when receipts are kept, and comes in no more',
  { timeout: 180_000 }, async () => {
    const email = 'camille.partie@exemple.fr';
    const { page } = await visit(browser, demo, views[0]);
    await gives(page, email);
    await enters(page, email);
    await page.getByRole('link', { name: 'Effacer mes données' }).click();
    const end = new Date().getFullYear() + 6;
    assert.match(await text(page), new RegExp(`reçus fiscaux[^]*31 décembre ${end}`));
    await sound(page, 'erasure');
    await page.getByRole('button', { name: 'Effacer mes données' }).click();
    assert.match(await text(page), /C’est noté[^]*plus connecté/);
    await sound(page, 'erased');
    const goodbye = await letterTo(email, /Vos données sont effacées/);
    assert.ok(goodbye);
    await page.goto(`${demo.site}/mon-espace`);
    await page.waitForURL('**/connexion?suite=**');
    await sound(page, 'the door');
  });
