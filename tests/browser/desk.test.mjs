// Who works for the platform: in by one click of the demonstration, or by a key that is asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { until } from './demo.mjs';
import { asks, codeIn, types } from './doors.mjs';
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

test('an administrator finds somebody, keeps them out, and the journal says so', { timeout: 180_000 }, async () => {
  const holder = await becomes(views[1], 'redaction@exemple.fr', '/mon-espace');
  const admin = await becomes(views[0], 'admin@exemple.fr', '/plateforme');
  await admin.getByRole('link', { name: 'Personnes et organisations' }).click();
  await accessible(admin, 'look up');
  await admin.locator('#q').fill('redaction@');
  await admin.getByRole('button', { name: 'Chercher' }).click();
  await accessible(admin, 'found');
  await noOverflow(admin, 'found');
  await admin.getByRole('link', { name: 'redaction@exemple.fr' }).click();
  await accessible(admin, 'person');
  await noOverflow(admin, 'person');
  await admin.locator('#autre').fill('redaction@exemple.fr');
  await admin.locator('#preuve').fill('Deux fois la même');
  await admin.getByRole('button', { name: 'Réunir pour de bon' }).click();
  assert.match(await text(admin), /Ces deux-là restent deux/);
  assert.equal(await admin.locator('#preuve').inputValue(), 'Deux fois la même', 'kept where it was typed');
  assert.equal(await admin.locator('#raison').inputValue(), '');
  await admin.locator('#raison').fill('Adresse usurpée');
  await admin.getByRole('button', { name: 'Suspendre' }).click();
  await admin.waitForURL('**?fait=oui');
  await accessible(admin, 'suspended');
  await holder.goto(`${demo.site}/mon-espace`);
  assert.match(holder.url(), /\/connexion/, 'out at once');
  await types(holder, codeIn(await asks(holder, 'redaction@exemple.fr')));
  await holder.waitForURL(/avis=suspendu/);
  assert.match(await text(holder), /Ce compte est suspendu/);
  await accessible(holder, 'kept out');
  await admin.locator('#raison').fill('Vérifiée au guichet');
  await admin.getByRole('button', { name: 'Lever la suspension' }).click();
  await admin.getByRole('button', { name: 'Suspendre' }).waitFor();
  await becomes(views[1], 'redaction@exemple.fr', '/mon-espace');

  const auditor = await becomes(views[1], 'controle@exemple.fr', '/plateforme');
  await auditor.getByRole('link', { name: 'Journal' }).click();
  await auditor.locator('#geste').selectOption('suspend');
  await auditor.getByRole('button', { name: 'Filtrer' }).click();
  assert.match(await text(auditor), /admin@exemple\.fr[^]*suspendre[^]*Adresse usurpée/);
  await accessible(auditor, 'journal');
  await noOverflow(auditor, 'journal');
  const [file] = await Promise.all([
    auditor.waitForEvent('download'),
    auditor.getByRole('link', { name: 'Tout prendre en CSV' }).click(),
  ]);
  assert.equal(file.suggestedFilename(), 'journal-essaim.csv');
  await auditor.goto(`${demo.site}/plateforme/reglages`);
  await accessible(auditor, 'settings');
  await noOverflow(auditor, 'settings');
});

test('an organisation is suspended: its campaign takes no gift, and takes them again', { timeout: 120_000 }, async () => {
  const admin = await becomes(views[1], 'admin@exemple.fr', '/plateforme');
  await admin.goto(`${demo.site}/plateforme/personnes?q=Chemins%20de%20Traverse`);
  await admin.locator('a[href^="/plateforme/organisations/"]').first().click();
  await accessible(admin, 'organisation');
  await noOverflow(admin, 'organisation');
  const campaign = await admin.locator('main a[href^="/campagnes/"]').first().getAttribute('href');
  const { page: visitor } = await visit(browser, demo, views[0]);
  // Visitors without a cookie are shown a page that may be a second old.
  const shows = (suspended) => until(`suspended: ${suspended}`, async () => {
    await visitor.goto(demo.site + campaign);
    return /Collecte suspendue/.test(await text(visitor)) === suspended;
  }, 10);
  await shows(false);
  await admin.locator('#raison').fill('Budget à vérifier');
  await admin.getByRole('button', { name: 'Suspendre' }).click();
  await admin.waitForURL('**?fait=oui');
  await shows(true);
  await admin.locator('#raison').fill('Budget vérifié');
  await admin.getByRole('button', { name: 'Lever la suspension' }).click();
  await admin.getByRole('button', { name: 'Suspendre' }).waitFor();
  await shows(false);
});
