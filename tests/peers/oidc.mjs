// An identity provider by another hand (oidc-provider), started by a test with one JSON argument:
//   { "kind": "proconnect" | "franceconnect", "redirect": address, "signedOut": address,
//     "pages": true when people sign in by the provider's own pages }
// Writes { "issuer": address } as its first line and lives until its standard input ends.
// Without pages whoever comes is signed in at once, as POST /peer says:
//   { "sub", "claims", "acr", "amr" }  who comes next
//   { "rotate": true }                 other keys from now on
//   { "plus": seconds }                its clock goes forward
//   { "down": true }                   it answers 503
//   { "wrong": how }                   what it signs is wrong, see `spoil`
import { createServer } from 'node:http';
import { createPrivateKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import Provider from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const professional = told.kind === 'proconnect';
let next = { sub: 'personne', claims: {}, acr: 'eidas1', amr: ['pwd'], wrong: null, down: false };
const claimsOf = new Map();

// Through PEM: exporting the very key that was generated locks it, and Node waits for itself when
// its collector frees the generator meanwhile.
function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const jwk = createPrivateKey(privateKey).export({ format: 'jwk' });
  return { ...jwk, alg: 'RS256', use: 'sig', kid: randomUUID() };
}

// Its clock, which a test may turn.
let ahead = 0;
const { now } = Date;
Date.now = () => now() + ahead * 1000;

const server = createServer((request, response) => answer(request, response));
await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
const issuer = `http://localhost:${server.address().port}`;
let key = newKey();
let provider = found();

function found() {
  const made = new Provider(issuer, {
    jwks: { keys: [key] },
    clients: [{
      client_id: 'essaim',
      client_secret: 'un secret entre eux et nous',
      redirect_uris: [told.redirect],
      post_logout_redirect_uris: [told.signedOut],
      token_endpoint_auth_method: 'client_secret_post',
      ...(professional ? { userinfo_signed_response_alg: 'RS256' } : {}),
    }],
    acrValues: ['eidas1', 'eidas2'],
    claims: {
      acr: null, amr: null, auth_time: null, iss: null, sid: null, openid: ['sub'],
      ...Object.fromEntries(['given_name', 'email', 'siret'].map((one) => [one, [one]])),
    },
    cookies: { keys: ['un secret du pair'] },
    pkce: { required: () => true },
    ttl: { AuthorizationCode: 30, AccessToken: 60, IdToken: 600, Session: 3600, Interaction: 600, Grant: 3600 },
    features: {
      devInteractions: { enabled: told.pages === true },
      jwtUserinfo: { enabled: true },
      claimsParameter: { enabled: true },
      rpInitiatedLogout: { enabled: true },
    },
    ...(told.pages ? {} : { interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` } }),
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, ...(claimsOf.get(sub) ?? next.claims) }),
    }),
    // Whoever signs in has agreed to everything: the provider's own affair.
    loadExistingGrant: async (ctx) => {
      const { client, session, params } = ctx.oidc;
      const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(params.scope);
      grant.addOIDCClaims(['acr', 'amr']);
      await grant.save();
      return grant;
    },
  });
  return made;
}

/** What an honest provider would never sign. */
const spoil = {
  audience: (claims) => ({ ...claims, aud: 'quelqu’un d’autre' }),
  issuer: (claims) => ({ ...claims, iss: 'http://localhost:1' }),
  expired: (claims) => ({ ...claims, exp: claims.iat - 60, iat: claims.iat - 600 }),
  nonce: (claims) => ({ ...claims, nonce: 'x'.repeat(43) }),
  no_nonce: ({ nonce, ...claims }) => claims,
  forged: (claims) => claims,
  stranger: (claims) => claims,
  userinfo_sub: (claims) => ({ ...claims, sub: 'une autre' }),
  userinfo_audience: (claims) => ({ ...claims, aud: 'quelqu’un d’autre' }),
};

async function signed(token, how) {
  const header = decodeProtectedHeader(token);
  const by = ['forged', 'stranger'].includes(how) ? newKey() : key;
  if (how === 'stranger') header.kid = by.kid;
  return new SignJWT(spoil[how](decodeJwt(token))).setProtectedHeader(header).sign(await importJWK(by, 'RS256'));
}

async function spoiled(text, how) {
  if (!how.startsWith('userinfo_')) {
    const tokens = JSON.parse(text);
    return JSON.stringify({ ...tokens, id_token: await signed(tokens.id_token, how) });
  }
  return text.startsWith('{') ? JSON.stringify(spoil[how](JSON.parse(text))) : signed(text, how);
}

function watch(response, how) {
  const end = response.end.bind(response);
  response.end = (body) => {
    spoiled(String(body), how).then((text) => {
      response.setHeader('content-length', Buffer.byteLength(text));
      end(text);
    });
  };
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, issuer);
  if (pathname === '/peer') {
    let body = '';
    for await (const part of request) body += part;
    const said = JSON.parse(body);
    next = { ...next, wrong: null, down: false, ...said };
    if (said.claims) claimsOf.set(next.sub, said.claims);
    ahead += said.plus ?? 0;
    if (said.rotate) { key = newKey(); provider = found(); }
    response.end('{}');
  } else if (next.down) {
    response.writeHead(503).end();
  } else if (pathname.startsWith('/interaction/') && !told.pages) {
    const login = { accountId: next.sub, acr: next.acr, amr: next.amr };
    await provider.interactionFinished(request, response, { login });
  } else {
    const about = { '/token': (how) => !how.startsWith('userinfo_'), '/me': (how) => how.startsWith('userinfo_') };
    if (next.wrong && about[pathname]?.(next.wrong)) watch(response, next.wrong);
    provider.callback()(request, response);
  }
}

console.log(JSON.stringify({ issuer }));
process.stdin.resume().on('end', () => process.exit(0)).on('close', () => process.exit(0));
