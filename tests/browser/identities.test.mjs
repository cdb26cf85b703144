// Coming in by ProConnect, on the pages of a provider by another hand, and adding an identity.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, letters, openBrowser, startDemo, until } from './demo.mjs';
import { accessible, noOverflow } from './checks.mjs';
import { text, views, visit } from './visitor.mjs';

const peers = fileURLToPath(new URL('../peers/', import.meta.url));
let browser;
let demo;
let peer;

/** The provider: people sign in on its own pages, by any name; their address is made of it. */
async function startPeer(site) {
  const told = { kind: 'proconnect', redirect: `${site}/connexion/proconnect/retour`,
    signedOut: `${site}/`, pages: true };
  const child = spawn('node', ['oidc.mjs', JSON.stringify(told)], {
    cwd: peers, stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [line] = await once(child.stdout, 'data');
  return { child, issuer: JSON.parse(String(line)).issuer };
}

before(async () => {
  const port = await freePort();
  peer = await startPeer(`http://localhost:${port}`);
  const env = {
    ESSAIM_PROCONNECT_ISSUER: peer.issuer,
    ESSAIM_PROCONNECT_CLIENT_ID: 'essaim',
    ESSAIM_PROCONNECT_CLIENT_SECRET: 'un secret entre eux et nous',
  };
  demo = await startDemo({ port, env });
  browser = await openBrowser();
}, { timeout: 120_000 });

after(async () => {
  await browser?.close();
  await demo?.stop();
  peer?.child.kill();
});

/** Accessible in both schemes, and as wide as the screen. */
async function whole(page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page, `${name}, ${colorScheme}`);
  }
  await noOverflow(page, name);
}

const tell = (what) => fetch(`${peer.issuer}/peer`, { method: 'POST', body: JSON.stringify(what) });

/** Off to the provider by the button, signs in there by a name, agrees, and is sent back. */
async function identifies(page, name) {
  await page.getByRole('button', { name: /S.identifier avec ProConnect/ }).click();
  await page.waitForURL(`${peer.issuer}/**`);
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill('peu importe');
  await page.locator('button[type="submit"]').first().click();
  await page.waitForURL(`${demo.site}/**`);
}

async function code(email) {
  const letter = await until('the letter', async () => (await letters(demo)).find((one) =>
    JSON.stringify(one).includes(email) && /code de connexion/.test(one.subject)), 60);
  return letter.subject.match(/(\d{6})/)[1];
}

test('a provider that is down leaves the letter', async () => {
  await tell({ down: true });
  const { page } = await visit(browser, demo, views[1]);
  await page.goto(`${demo.site}/connexion`);
  await page.getByRole('button', { name: /S.identifier avec ProConnect/ }).click();
  await page.getByRole('alert').waitFor();
  assert.match(await text(page), /Ce service ne répond pas[^]*Recevoir le lien/);
  await whole(page, 'provider down');
  await page.locator('#courriel').fill('camille@exemple.fr');
  await page.getByRole('button', { name: 'Recevoir le lien' }).click();
  await page.waitForURL('**/connexion/code');
  await tell({});
});

test('the page between us and the provider leads on by hand too', async () => {
  const { page } = await visit(browser, demo, views[1]);
  await page.goto(`${demo.site}/connexion`);
  // The provider has nothing to show: the page stays.
  await page.route(`${peer.issuer}/**`, (route) => route.fulfill({ status: 204 }));
  await page.getByRole('button', { name: /S.identifier avec ProConnect/ }).click();
  const onward = page.getByRole('link', { name: 'Continuer vers ProConnect' });
  await onward.waitFor();
  await whole(page, 'onward');
  const by = await onward.getAttribute('href');
  assert.ok(by.startsWith(`${peer.issuer}/auth?response_type=code&client_id=essaim&`), by);
});

test('a professional comes in by ProConnect, by letter the first time, and out again',
  { timeout: 180_000 }, async () => {
    const email = 'solange@exemple.fr';
    await tell({ sub: 'solange', claims: { email, siret: '73282932000074' } });
    const { page, faults } = await visit(browser, demo, views[0]);
    await page.goto(`${demo.site}/connexion?suite=%2Fmon-espace%2Fidentites`);
    await whole(page, 'door with providers');
    assert.deepEqual(faults, [], 'nothing is loaded from the provider');
    assert.equal(await page.getByRole('link', { name: /Qu.est-ce que ProConnect/ }).count(), 1);
    await identifies(page, 'solange');
    assert.equal(page.url(), `${demo.site}/connexion/code`);
    assert.match(await text(page), /ProConnect vous a reconnu[^]*une seule fois[^]*solange@exemple\.fr/);
    await whole(page, 'first time');
    await page.locator('#code').fill(await code(email));
    await page.getByRole('button', { name: 'Continuer' }).click();
    await page.waitForURL(`${demo.site}/mon-espace/identites`);
    assert.match(await text(page), /ProConnect[^]*SIRET 73282932000074/);
    await whole(page, 'one identity');

    const { page: plain } = await visit(browser, demo, views[1], { javaScriptEnabled: false });
    await plain.goto(`${demo.site}/connexion`);
    await identifies(plain, 'solange');
    assert.equal(plain.url(), `${demo.site}/mon-espace`, 'known from now on, without a script');

    await page.goto(`${demo.site}/mon-espace/connexions`);
    await page.getByRole('button', { name: 'Se déconnecter' }).click();
    await page.waitForURL(`${peer.issuer}/session/end**`);
    await page.goto(`${demo.site}/mon-espace`);
    await page.waitForURL('**/connexion?suite=**');

    await plain.goto(`${demo.site}/mon-espace/identites`);
    await plain.getByRole('button', { name: /^Retirer/ }).click();
    assert.match(await text(plain), /Identité retirée[^]*Aucune identité/);
  });

test('a forged way back leads to the door, with the letter', async () => {
  const { page } = await visit(browser, demo, views[1]);
  const answer = await page.goto(`${demo.site}/connexion/proconnect/retour?state=invente&code=x`);
  assert.equal(answer.status(), 410);
  assert.match(await text(page), /Ce retour ne sert plus[^]*Recevoir le lien/);
  await whole(page, 'forged way back');
  await page.locator('#courriel').fill('camille@exemple.fr');
  await page.getByRole('button', { name: 'Recevoir le lien' }).click();
  await page.waitForURL('**/connexion/code');
});
