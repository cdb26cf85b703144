// Coming in, in two browsers: by the link, by the code, and the end of the other session.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './demo.mjs';
import { asks, codeIn, enters, types } from './doors.mjs';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { BUS, fillIn, pay, text, views, visit } from './visitor.mjs';

const EMAIL = 'camille.porte@exemple.fr';

test('one comes in by the link, then by the code elsewhere, and ends the other session',
  { timeout: 180_000 }, async () => {
    const first = await visit(browser, demo, views[0]);
    await first.page.goto(`${demo.site}/campagnes/${BUS}/don`);
    await fillIn(first.page, EMAIL, { receipt: false });
    await first.page.getByRole('button', { name: /vers le paiement/i }).click();
    await pay(first.page, demo, /^Payer/);
    await first.page.waitForURL(`${demo.site}/dons/**`);

    const letter = await asks(first.page, EMAIL);
    await accessible(first.page, 'code');
    const body = await (await fetch(`${demo.site}${letter.path ?? `/courriels/${letter.id}`}/html`)).text();
    const [, link] = body.match(/href="([^"]+\/connexion\/lien\/[^"]+)"/);

    const second = await visit(browser, demo, views[1]);
    await second.page.goto(link);
    await second.page.getByRole('button', { name: 'Me connecter' }).click();
    assert.match(await text(second.page), /demandé dans un autre navigateur/);
    await accessible(second.page, 'another browser');

    await first.page.goto(link);
    await accessible(first.page, 'link');
    await first.page.getByRole('button', { name: 'Me connecter' }).click();
    await first.page.waitForURL('**/mon-espace');
    assert.match(await text(first.page), new RegExp(`${EMAIL}[^]*bus des démarches[^]*20,00 €`));
    await accessible(first.page, 'space');
    await noOverflow(first.page, 'space');

    const code = codeIn(await asks(second.page, EMAIL));
    await types(second.page, code === '000000' ? '000001' : '000000');
    assert.match(await text(second.page), /Ce n’est pas ce code[^]*4 essais/);
    await accessible(second.page, 'wrong code');
    await types(second.page, code);
    await second.page.waitForURL('**/mon-espace');

    await second.page.goto(`${demo.site}/mon-espace/connexions`);
    await accessible(second.page, 'sessions');
    await noOverflow(second.page, 'sessions');
    await second.page.getByRole('button', { name: /^Terminer la connexion/ }).click();
    assert.match(await text(second.page), /1 connexion terminée/);
    await first.page.reload();
    await first.page.waitForURL('**/connexion?suite=%2Fmon-espace');

    await second.page.getByRole('button', { name: 'Se déconnecter' }).click();
    await second.page.waitForURL(`${demo.site}/`);
    await second.page.goto(`${demo.site}/mon-espace`);
    await second.page.waitForURL('**/connexion?suite=**');
  });

test('an address that is not one is kept and explained', async () => {
  const { page } = await visit(browser, demo, views[0], { javaScriptEnabled: false });
  await page.goto(`${demo.site}/connexion`);
  const flow = await page.locator('form[action="/connexion"] input[name="flow"]').inputValue();
  const answer = await page.request.post(`${demo.site}/connexion`, {
    form: { flow, courriel: 'camille.exemple.fr', suite: 'https://ailleurs.exemple/' },
  });
  assert.equal(answer.status(), 422);
  const html = await answer.text();
  assert.match(html, /value="camille\.exemple\.fr"/);
  assert.match(html, /name="suite" value="\/mon-espace"/, 'never elsewhere');
});

test('an owner invites a colleague, who joins, sees what is theirs and no more',
  { timeout: 180_000 }, async () => {
    const { page: owner } = await visit(browser, demo, views[0]);
    await enters(owner, 'responsable@exemple.fr');
    await accessible(owner, 'space of an owner');
    await owner.getByRole('link', { name: /Chemins de Traverse/ }).click();
    await accessible(owner, 'organisation');
    await owner.getByRole('link', { name: 'Les membres' }).click();
    await accessible(owner, 'members');
    await noOverflow(owner, 'members');
    const page = owner.url();
    await owner.locator('#courriel').fill('collegue@exemple.fr');
    await owner.locator('#role').selectOption('reader');
    await owner.getByRole('button', { name: /Envoyer l.invitation/ }).click();
    assert.match(await text(owner), /Invitation envoyée/);
    await accessible(owner, 'invited');
    await owner.getByRole('button', { name: 'Quitter la structure' }).click();
    assert.match(await text(owner), /au moins une personne responsable/, 'the last owner stays');

    const { page: colleague } = await visit(browser, demo, views[1]);
    await enters(colleague, 'collegue@exemple.fr');
    await accessible(colleague, 'invitation');
    await noOverflow(colleague, 'invitation');
    assert.equal((await colleague.goto(page)).status(), 404, 'not a member yet');
    await colleague.goto(`${demo.site}/mon-espace`);
    await colleague.getByRole('button', { name: /^Rejoindre/ }).click();
    await colleague.getByRole('link', { name: /Chemins de Traverse/ }).click();
    await colleague.goto(page);
    assert.equal(await colleague.locator('select').count(), 0, 'a reader changes nobody');
    const flow = await colleague.locator('main input[name="flow"]').first().inputValue();
    const forged = await colleague.request.post(page, {
      form: { flow, geste: 'inviter', courriel: 'ami@exemple.fr', role: 'owner' },
      headers: { origin: demo.site },
    });
    assert.equal(forged.status(), 403);
    assert.match(await forged.text(), /Réservé à d’autres membres/);
    await colleague.getByRole('button', { name: 'Quitter la structure' }).click();
    await colleague.waitForURL('**/mon-espace');
    assert.equal((await colleague.goto(page)).status(), 404, 'a stranger again');
  });

test('a passkey is enrolled, proven in another session, and removed',
  { timeout: 180_000 }, async () => {
    const { page } = await visit(browser, demo, views[0]);
    await enters(page, 'redaction@exemple.fr');
    const device = await page.context().newCDPSession(page);
    await device.send('WebAuthn.enable');
    const { authenticatorId } = await device.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true,
        hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    const word = async () => (await page.context().cookies()).find((one) => one.name === 's').value;
    await page.getByRole('link', { name: 'Mes clés' }).click();
    await accessible(page, 'no key yet');
    assert.doesNotMatch(await text(page), /pas pu faire de clé/, 'nothing went wrong yet');
    const before = await word();
    await page.locator('#nom').fill('Mon téléphone');
    await page.getByRole('button', { name: 'Ajouter une clé' }).click();
    await page.waitForURL('**/mon-espace/cles?fait=ajout');
    assert.match(await text(page), /Clé ajoutée[^]*Mon téléphone/);
    assert.notEqual(await word(), before, 'the session goes on under another word');
    await accessible(page, 'one key');
    await noOverflow(page, 'one key');
    const { credentials } = await device.send('WebAuthn.getCredentials', { authenticatorId });
    assert.equal(credentials.length, 1);

    await page.goto(`${demo.site}/mon-espace/connexions`);
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.waitForURL(`${demo.site}/`);
    await enters(page, 'redaction@exemple.fr', '/mon-espace/cles');
    assert.equal(await page.getByRole('button', { name: /^Retirer/ }).count(), 0, 'prove first');
    assert.doesNotMatch(await text(page), /n’a pas répondu/, 'nothing went wrong yet');
    await accessible(page, 'to prove');

    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
    await page.getByRole('button', { name: 'Montrer une clé' }).click();
    await until('the page says that the key did not answer', async () =>
      /La clé n’a pas répondu|pas comme attendu/.test(await text(page)), 30);
    await device.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
    await page.goto(`${demo.site}/mon-espace/cles`);
    await page.getByRole('button', { name: 'Montrer une clé' }).click();
    await page.waitForURL('**/mon-espace/cles?fait=preuve');
    assert.match(await text(page), /C’est bien vous/);
    await page.getByRole('button', { name: /^Retirer/ }).click();
    await page.waitForURL('**/mon-espace/cles?fait=retrait');
    assert.doesNotMatch(await text(page), /Mon téléphone/);
  });
