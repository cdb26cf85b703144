// The money of the pots: a pot is created, an agreement enters it, an instalment is received, an
// order is signed by two.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { text, views, visit } from './visitor.mjs';

async function becomes(view, email) {
  const { page } = await visit(browser, demo, view);
  await page.goto(`${demo.site}/courriels`);
  await page.locator(`button[name="compte"][value="${email}"]`).click();
  await page.waitForURL(`${demo.site}/plateforme`);
  await page.goto(`${demo.site}/fonds`);
  return page;
}

async function sound(page, name) {
  await accessible(page, name);
  await noOverflow(page, name);
  // To be looked at, where somebody asks for it.
  if (process.env.PICTURES) {
    const width = page.viewportSize().width;
    await page.screenshot({ path: `${process.env.PICTURES}/${name}-${width}.png`, fullPage: true });
  }
}

for (const [place, view] of views.entries()) {
  test(`a pot is created and filled, ${place}`, { timeout: 300_000 }, async () => {
    const page = await becomes(view, 'fonds@exemple.fr');
    await page.getByRole('link', { name: 'Ordre et nouvelle enveloppe' }).click();
    await sound(page, 'pots');
    const name = `Aînés de la Creuse ${place + 1}`;
    await page.getByLabel('Nom').fill(name);
    await page.getByRole('button', { name: 'Créer' }).click();
    await page.waitForURL(/\/fonds\/pots\/aines_de_la_creuse_\d\?fait=oui$/);
    assert.match(await text(page), /C.est fait/);
    await sound(page, 'empty pot');
    await page.getByRole('link', { name: 'Nouvelle convention' }).click();
    await sound(page, 'new agreement');
    await page.getByLabel('Contributeur').fill('Mutuelle des Combrailles');
    await page.getByLabel(/Origine de l.argent/).selectOption('company');
    await page.getByLabel('Total promis, en euros').fill('60 000');
    await page.getByLabel('Territoires').fill('Creuse');
    await page.getByRole('button', { name: 'Inscrire la convention' }).click();
    assert.match(await text(page), /Territoires\s: CREUSE ne désigne rien/);
    assert.equal(await page.getByLabel('Contributeur').inputValue(), 'Mutuelle des Combrailles', 'kept');
    await sound(page, 'unknown code');
    await page.getByLabel('Territoires').fill('23');
    await page.getByRole('button', { name: 'Inscrire la convention' }).click();
    await page.waitForURL(/\/fonds\/conventions\/\d+\?fait=oui$/);
    assert.match(await text(page), /Territoires\s: Creuse/);
    const due = await page.evaluate(() => new Date().toISOString().slice(0, 10));
    await page.getByLabel('Montant, en euros').fill('20 000');
    await page.getByLabel('Échéance').fill(due);
    await page.getByRole('button', { name: 'Prévoir' }).click();
    assert.match(await text(page), /20\s000\s€, promis/);
    await page.getByRole('button', { name: 'Appelé' }).click();
    assert.match(await text(page), /20\s000\s€, appelé/);
    await page.locator('input[type="file"]').setInputFiles({
      name: 'convention.pdf', mimeType: 'application/pdf', buffer: Buffer.from('<html>'),
    });
    await page.getByRole('button', { name: 'Joindre' }).click();
    assert.match(await text(page), /Ce fichier n.est pas un PDF/);
    await page.locator('input[type="file"]').setInputFiles({
      name: 'convention.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n%%EOF'),
    });
    await page.getByRole('button', { name: 'Joindre' }).click();
    const [signed] = await Promise.all([
      page.waitForEvent('download'), page.getByRole('link', { name: 'PDF' }).click(),
    ]);
    assert.match(signed.suggestedFilename(), /^convention-\d+\.pdf$/);
    await sound(page, 'agreement');
    await page.getByRole('button', { name: 'Reçu' }).click();
    assert.match(await text(page), /20\s000\s€, reçu/);
    await page.locator('dl').getByRole('link', { name }).click();
    assert.match(await text(page), /Contient\s20\s000\s€/);
    assert.match(await text(page), /20\s000\s€ entrent/);
    await sound(page, 'filled pot');
    await page.getByRole('link', { name: 'Nouvel ordre' }).click();
    await sound(page, 'new order');
    await page.getByLabel('Montant, en euros').fill('5 000');
    await page.getByLabel('Territoires').fill('23');
    await page.getByText('Urgence numérique').click();
    await page.getByLabel('Pourquoi').fill('Aînés isolés par la crue');
    await page.getByRole('button', { name: 'Signer et transmettre' }).click();
    await page.waitForURL(/\/fonds\/ordres\/\d+\?fait=oui$/);
    const order = page.url().split('?')[0];
    assert.equal(await page.getByRole('button', { name: 'Signer et exécuter' }).count(), 0, 'not twice');
    await sound(page, 'order');
    const second = await becomes(view, 'fonds2@exemple.fr');
    await second.goto(order);
    await second.getByRole('button', { name: 'Signer et exécuter' }).click();
    assert.match(await text(second), /signé et exécuté/);
    await sound(second, 'signed order');
    await second.locator('nav.fil').getByRole('link', { name }).click();
    assert.match(await text(second), /5\s000\s€ passent de convention-\d+-1 à ordre-\d+/);
    await second.getByRole('link', { name: 'Mutuelle des Combrailles', exact: true }).first().click();
    assert.match(await text(second), /Relevé de Mutuelle des Combrailles/);
    await sound(second, 'statement');
    const [file] = await Promise.all([
      second.waitForEvent('download'),
      second.getByRole('link', { name: 'Tout prendre en CSV' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'releve-essaim.csv');
    const auditor = await becomes(view, 'controle@exemple.fr');
    await auditor.goto(order);
    assert.equal(await auditor.locator('main form').count(), 0, 'reads');
  });
}
