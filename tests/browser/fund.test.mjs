// The operator's space: one doubles rural gifts, rehearses it, another approves, a donor sees it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { executable, until } from './demo.mjs';
import { BUS, fillIn, pay, text, views, visit } from './visitor.mjs';

async function becomes(view, email) {
  const { page } = await visit(browser, demo, view);
  await page.goto(`${demo.site}/courriels`);
  await page.locator(`button[name="compte"][value="${email}"]`).click();
  await page.waitForURL(`${demo.site}/plateforme`);
  await page.goto(`${demo.site}/fonds`);
  return page;
}

test('drafts side by side, a year of invented gifts, and a gift that is tried', { timeout: 300_000 }, async () => {
  const page = await becomes(views[0], 'fonds@exemple.fr');
  const begins = async (rule) => {
    await page.goto(`${demo.site}/fonds/regles`);
    await page.getByRole('button', { name: `Modifier ${rule}` }).click();
    await page.waitForURL(/\/fonds\/regles\/\d+$/);
    return page.url();
  };
  const both = async (name) => {
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await accessible(page, `${name}, ${colorScheme}`);
    }
    await noOverflow(page, name);
  };
  const draft = await begins('Territoire rural');
  await page.locator('#taux').fill('60');
  await page.getByRole('button', { name: 'Enregistrer le brouillon' }).click();
  assert.match(await text(page), /Brouillon enregistré/);
  // A rule of the same pot that gives nothing.
  await page.goto(`${demo.site}/fonds/regles`);
  await page.locator('#regle').fill('rien');
  await page.locator('#pot').selectOption('ruralite');
  await page.getByRole('button', { name: 'Commencer' }).click();
  await page.waitForURL(/\/fonds\/regles\/\d+$/);
  const other = page.url().split('/').pop();

  await page.goto(draft);
  await page.locator('#don').fill('20');
  await page.locator('#projet').selectOption(BUS);
  await page.getByRole('button', { name: 'Essayer' }).click();
  await page.waitForURL(/don=20/);
  assert.match(await text(page), /Avec le brouillon : \+ 38\s€/);
  assert.match(await text(page), /En vigueur : \+ 32\s€/);
  assert.match(await text(page), /le fonds ajoute 60\s% du don/);
  await both('trial');

  await page.goto(draft);
  await page.getByLabel('Une année inventée, tirée des dons passés').check();
  await page.locator('#dons').fill('deux mille');
  await page.locator('#avec-1').selectOption(`brouillon-${other}`);
  await page.locator('#avec-2').selectOption('version-rural-1');
  await page.getByRole('button', { name: 'Répéter' }).click();
  assert.match(await text(page), /Cette année ne se joue pas/);
  assert.equal(await page.locator('#dons').inputValue(), 'deux mille', 'kept as typed');
  await both('refused');
  await page.locator('#dons').fill('2 000');
  await page.getByRole('button', { name: 'Répéter' }).click();
  await page.waitForURL(/\/fonds\/repetitions\//);
  await until('the year is over', async () => /dons rejoués sous 4 jeux/.test(await text(page)), 60);
  assert.match(await text(page), /Une année de 2\s000 dons inventés, graine 1/);
  const heads = await page.locator('#bref + section thead th').allInnerTexts();
  assert.deepEqual(heads.map((head) => head.trim().toLowerCase()), [
    'en vigueur', `brouillon nᵒ ${draft.split('/').pop()}, rural`, `brouillon nᵒ ${other}, rien`,
    'rural, version 1',
  ]);
  assert.equal(await page.locator('figure .hexcarte').count(), 3);
  await both('side by side');
});

test('a rule is written, rehearsed, approved by another, and a donor sees it', { timeout: 300_000 }, async () => {
  const first = await becomes(views[0], 'fonds@exemple.fr');
  await accessible(first, 'fund');
  await noOverflow(first, 'fund');
  await first.getByLabel('Espace du fonds').getByRole('link', { name: 'Règles' }).click();
  await accessible(first, 'rule book');
  await noOverflow(first, 'rule book');
  await first.getByRole('button', { name: 'Modifier Socle national' }).click();
  await first.waitForURL(/\/fonds\/regles\/\d+$/);
  const draft = first.url();
  await accessible(first, 'editor');
  await noOverflow(first, 'editor');
  await first.locator('#taux').fill('beaucoup');
  await first.getByRole('button', { name: 'Enregistrer le brouillon' }).click();
  assert.match(await text(first), /Des champs ne se lisent pas/);
  assert.equal(await first.locator('#taux').inputValue(), 'beaucoup', 'kept as typed');
  await accessible(first, 'faults');
  await first.locator('#taux').fill('50');
  await first.locator('#bonus-0-quand').selectOption('rural');
  await first.locator('#bonus-0-fois').fill('2');
  await first.getByRole('button', { name: 'Enregistrer le brouillon' }).click();
  assert.match(await text(first), /Brouillon enregistré/);
  assert.match(await text(first), /en territoire rural, le fonds ajoute 100 % du don/);
  assert.match(await text(first), /Aucune répétition du brouillon/);
  await first.getByRole('button', { name: 'Répéter' }).click();
  await first.waitForURL(/\/fonds\/repetitions\//);
  await until('the rehearsal ends', async () => /dons rejoués/.test(await text(first)), 60);
  await accessible(first, 'rehearsal');
  await noOverflow(first, 'rehearsal');
  const [file] = await Promise.all([
    first.waitForEvent('download'),
    first.getByRole('link', { name: 'Tout prendre en CSV' }).click(),
  ]);
  assert.equal(file.suggestedFilename(), 'repetition-essaim.csv');
  await first.goto(draft);
  await first.getByRole('button', { name: 'Soumettre' }).click();
  assert.match(await text(first), /Brouillon soumis/);
  assert.equal(await first.getByRole('button', { name: 'Approuver et publier' }).count(), 0, 'not their own');

  const { page: donor } = await visit(browser, demo, views[1]);
  const sees = async (words) => {
    await donor.goto(`${demo.site}/campagnes/${BUS}/don?montant=20`);
    return words.test(await text(donor));
  };
  assert.ok(await sees(/le fonds ajoute\s+32\s€/), await text(donor));

  const second = await becomes(views[1], 'fonds2@exemple.fr');
  await second.goto(draft);
  await accessible(second, 'to approve');
  await noOverflow(second, 'to approve');
  await second.getByRole('button', { name: 'Approuver et publier' }).click();
  assert.match(await text(second), /Version 2 publiée/);
  // Twice the gift is the most that all rules add.
  await until('the new rate', () => sees(/le fonds ajoute\s+40\s€/), 30);
  await donor.goto(`${demo.site}/regles`);
  assert.match(await text(donor), /socle@2/);
  assert.doesNotMatch(await text(donor), /socle@1/);

  // The donor gives: the page says what the new rule adds, and why.
  await sees(/40\s€/);
  await fillIn(donor, 'regle@exemple.fr', { receipt: false });
  await donor.getByRole('button', { name: /vers le paiement/i }).click();
  await pay(donor, demo, /^Payer/);
  await donor.waitForURL(`${demo.site}/dons/**`);
  await until('the match is there', async () => {
    await donor.reload();
    return /60 €/.test(await text(donor));
  }, 30);
  assert.match(await text(donor), /Socle national, 100 %\s+\+ 20 €[^]*en territoire rural/);
  await donor.getByRole('link', { name: 'Vérifier le calcul' }).click();
  await accessible(donor, 'the calculation');
  assert.match(await text(donor), /socle@2/);

  // Anybody who has the file counts the same cents.
  const answer = await second.request.get(`${demo.site}/plateforme/pots/socle/registre.json`);
  const folder = mkdtempSync(join(tmpdir(), 'essaim-registre-'));
  const ledger = join(folder, 'registre.json');
  writeFileSync(ledger, await answer.body());
  const counted = spawnSync(executable, ['match', 'evaluate', ledger], { maxBuffer: 1 << 29 });
  rmSync(folder, { recursive: true });
  assert.equal(counted.status, 0, String(counted.stderr));
  const ours = JSON.parse(counted.stdout).donations.filter((gift) => gift.net === 2000
    && gift.lines.some((line) => line.rule_set === 'socle@2' && line.granted === 2000));
  assert.ok(ours.length > 0 && ours.every((gift) => gift.match === 4000), 'as the page says');

  const auditor = await becomes(views[0], 'controle@exemple.fr');
  await auditor.goto(draft);
  assert.equal(await auditor.getByRole('button', { name: 'Enregistrer le brouillon' }).count(), 0, 'reads');
  await auditor.goto(`${demo.site}/plateforme/journal?geste=approve_rule`);
  assert.match(await text(auditor), /fonds2@exemple\.fr[^]*approuver une règle/);
});

test('a table of need is imported, whole or not at all, and shows its envelopes', { timeout: 120_000 }, async () => {
  for (const view of views) {
    const page = await becomes(view, 'fonds@exemple.fr');
    await page.getByLabel('Espace du fonds').getByRole('link', { name: 'Besoins' }).click();
    await accessible(page, 'needs');
    await noOverflow(page, 'needs');
    const wrong = { name: 't.csv', mimeType: 'text/csv', buffer: Buffer.from('source;Insee\ncode;x\n') };
    await page.locator('#fichier-table').setInputFiles(wrong);
    await page.getByRole('button', { name: 'Importer la table' }).click();
    assert.match(await text(page), /Rien n’a été importé/);
    await accessible(page, 'faults of a table');
    const [model] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'modèle' }).click(),
    ]);
    await page.locator('#fichier-table').setInputFiles(await model.path());
    await page.getByRole('button', { name: 'Importer la table' }).click();
    await page.waitForURL(/\/fonds\/besoins\/\d+\?/);
    assert.match(await text(page), /Table importée/);
    assert.match(await text(page), /101 départements/);
    await accessible(page, 'need');
    await noOverflow(page, 'need');
  }
});
