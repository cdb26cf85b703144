// Every public page in both themes: axe, 320 px, valid HTML, typography, headers, no broken link.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browser, demo } from './house.mjs';
import { accessible, noOverflow, typeset, validHtml } from './checks.mjs';

const OVER = 'rostrenen-une-avance-pour-ceux-qui-attendent-leurs-subventions';
const PAGES = [
  ['/', 200], ['/campagnes', 200], ['/campagnes?public=seniors&tri=fin', 200],
  ['/campagnes?q=zzzz', 200], ['/campagnes/le-bus-des-demarches-de-la-creuse', 200],
  ['/campagnes/le-bus-des-demarches-de-la-creuse/don', 200], ['/regles', 200],
  ['/transparence', 200], ['/aide', 200], ['/conditions', 200],
  ['/donnees-personnelles', 200], ['/accessibilite', 200], ['/mentions-legales', 200],
  ['/transparence/registres', 200], ['/verifier/jour', 200], ['/verifier/jour/2026-02-30', 404],
  ['/verifier/jour/2999-01-01', 404], ['/verifier/jour/2001-01-01', 404],
  ['/verifier', 200], ['/verifier/inconnue', 404], ['/verifier/recu', 200], ['/courriels', 200],
  ['/campagnes?dep=23&tri=distance&commune=23000', 200],
  ['/campagnes/le-morvan-se-parle-l-entraide-numerique-entre-voisins', 200],
  [`/campagnes/${OVER}`, 200], [`/campagnes/${OVER}/don`, 200], ['/nulle-part', 404],
  ['/campagnes/inconnue', 404], ['/dons/inconnu', 404], ['/dons/confirmer/inconnu', 410],
  ['/recus/inconnu', 404], ['/suivi/inconnu', 404], ['/suivi/inconnu/arret', 404],
  ['/connexion', 200], ['/connexion/lien/inconnu', 200], ['/adresse/inconnu', 200],
];

test('every page is accessible, whole, valid and typeset', { timeout: 300_000 }, async () => {
  for (const scheme of ['light', 'dark']) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 }, colorScheme: scheme,
    });
    const page = await context.newPage();
    for (const [path, status] of PAGES) {
      const answer = await page.goto(demo.site + path);
      assert.equal(answer.status(), status, path);
      await accessible(page, `${path} ${scheme}`);
      await noOverflow(page, path);
      if (scheme === 'light') {
        const html = await (await fetch(demo.site + path)).text();
        validHtml(html, path);
        typeset(html, path);
      }
    }
    await context.close();
  }
});

test('every answer carries the headers of the house', async () => {
  for (const [path] of PAGES) {
    const { headers } = await fetch(demo.site + path);
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/, path);
    assert.ok(!policy.includes('unsafe'), path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.equal(headers.get('x-frame-options'), 'DENY', path);
    assert.equal(headers.get('server'), null, path);
    if (/^\/(dons|recus|suivi|connexion|adresse)\//.test(path)) {
      assert.equal(headers.get('referrer-policy'), 'no-referrer', path);
      assert.match(headers.get('cache-control') ?? '', /no-store/, path);
      assert.match(headers.get('x-robots-tag') ?? '', /noindex/, path);
    }
  }
});

test('no link of the site leads nowhere', { timeout: 120_000 }, async () => {
  const seen = new Set(['/']);
  const queue = ['/'];
  const broken = [];
  while (queue.length > 0 && seen.size < 300) {
    const path = queue.shift();
    const answer = await fetch(demo.site + path);
    if (answer.status !== 200) broken.push(`${path}: ${answer.status}`);
    if (!(answer.headers.get('content-type') ?? '').includes('html')) continue;
    const html = await answer.text();
    for (const [, href] of html.matchAll(/(?:href|src)="([^"#]+)[^"]*"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), demo.site + path);
      if (url.origin !== new URL(demo.site).origin) continue;
      const next = url.pathname + url.search;
      if (!seen.has(next) && !(url.search && url.pathname === '/campagnes')) {
        seen.add(next);
        queue.push(next);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test('bad previews and forged webhooks get a clear answer and the right status', async () => {
  const slug = 'le-bus-des-demarches-de-la-creuse';
  const amounts = ['0', '-5', '1e9', 'abc', '0.001', ''];
  for (const amount of amounts) {
    const url = `${demo.site}/campagnes/${slug}/apercu?montant=${encodeURIComponent(amount)}`;
    const answer = await fetch(url);
    assert.ok([200, 422].includes(answer.status), `${amount}: ${answer.status}`);
    assert.doesNotMatch(await answer.text(), /panic|error|undefined|NaN/i, amount);
  }
  const forged = await fetch(`${demo.site}/webhooks/stripe`, {
    method: 'POST', body: '{}', headers: { 'stripe-signature': 't=1,v1=00' },
  });
  assert.equal(forged.status, 400);
  const huge = await fetch(`${demo.site}/webhooks/stripe`, {
    method: 'POST', body: 'x'.repeat(300_000), headers: { 'stripe-signature': 't=1,v1=00' },
  });
  assert.equal(huge.status, 413);
});
