// Who works for the platform: in by one click of the demonstration, or by a key that is asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { BUS, text, views, visit } from './visitor.mjs';

/** One of the ready accounts, in one click on the page of letters. */
async function becomes(view, email, where) {
  const { page } = await visit(browser, demo, view);
  await page.goto(`${demo.site}/courriels`);
  await page.locator(`button[name="compte"][value="${email}"]`).click();
  await page.waitForURL(demo.site + where);
  return page;
}

test('an administrator stops giving, says why, and opens it again', { timeout: 120_000 }, async () => {
  const page = await becomes(views[0], 'admin@exemple.fr', '/plateforme');
  await accessible(page, 'desk');
  await noOverflow(page, 'desk');
  await page.locator('#raison').fill('Essai de la procédure');
  await page.getByRole('button', { name: 'Arrêter les dons' }).click();
  await page.waitForURL('**/plateforme?fait=oui');
  assert.match(await text(page), /C’est fait[^]*arrêtés sur tout le site/);
  await accessible(page, 'stopped');
  const { page: visitor } = await visit(browser, demo, views[1]);
  await visitor.goto(`${demo.site}/campagnes/${BUS}/don`);
  assert.equal(await visitor.getByRole('button', { name: /vers le paiement/i }).count(), 0);
  await page.locator('#raison').fill('Essai terminé');
  await page.getByRole('button', { name: 'Ouvrir les dons' }).click();
  assert.match(await text(page), /ouverts sur tout le site/);
});

test('an administrator appoints, an auditor reads, an operator and a holder do not come in', { timeout: 120_000 },
  async () => {
    const first = await becomes(views[1], 'admin@exemple.fr', '/plateforme');
    await first.getByRole('link', { name: 'L’équipe' }).click();
    await accessible(first, 'team');
    await noOverflow(first, 'team');
    await first.locator('#perdue').fill('controle@exemple.fr');
    await first.locator('#raison').fill('Téléphone volé');
    await first.getByRole('button', { name: 'Demander' }).click();
    assert.match(await text(first), /Introuvable/, 'there is no key to lose');
    assert.equal(await first.locator('#raison').inputValue(), 'Téléphone volé', 'kept as typed');
    assert.equal(await first.locator('#courriel').inputValue(), '', 'only where it was typed');
    await accessible(first, 'refused');
    await first.locator('#courriel').fill('nouvelle@exemple.fr');
    await first.locator('#role').selectOption('auditor');
    await first.getByRole('button', { name: 'Nommer' }).click();
    assert.match(await text(first), /C’est fait[^]*nouvelle@exemple\.fr/);

    const auditor = await becomes(views[0], 'controle@exemple.fr', '/plateforme');
    await auditor.goto(`${demo.site}/plateforme/equipe`);
    assert.equal(await auditor.getByRole('button', { name: 'Nommer' }).count(), 0, 'reads');
    const operator = await becomes(views[0], 'fonds@exemple.fr', '/plateforme');
    assert.equal((await operator.goto(`${demo.site}/plateforme/equipe`)).status(), 403);
    const holder = await becomes(views[0], 'responsable@exemple.fr', '/mon-espace');
    assert.equal((await holder.goto(`${demo.site}/plateforme`)).status(), 404);
  });
