// An SMTP server that misbehaves on demand, made with npm's smtp-server; mailauth, another program
// than the one that signs, checks DKIM. Started by a test with one JSON argument:
//   { "secure": bool, "starttls": bool, "cert": PEM, "key": PEM, "auth": [user, password],
//     "bannerMs": number, "greeting": code, "sender": code, "dkim": bool }
// Writes one JSON line an event: { "port" }, then { "mail" } and { "closed" }. What happens to a letter is in its
// recipient's name: `550-5.1.1@…` is refused with that code, `drop-rcpt@…` and `drop-data@…` lose
// the connection, `after-data-554@…` is refused once the text is there, `silent-data@…` is never
// answered, `hangup@…` is accepted and then hung up on. Everything else is accepted.
import { generateKeyPairSync } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { SMTPServer } from 'smtp-server';

const wanted = JSON.parse(process.argv[2] ?? '{}');
const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

const refusal = (code, text) => Object.assign(new Error(text), { responseCode: code });
const part = (address) => address.split('@')[0];

const keys = wanted.dkim
  ? generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    })
  : undefined;

async function signature(raw) {
  const record = `v=DKIM1; k=rsa; p=${keys.publicKey.toString('base64')}`;
  const asked = [];
  const resolver = async (name) => {
    asked.push(name);
    return [[record]];
  };
  const { results } = await dkimVerify(raw, { resolver });
  return results.map((one) => ({
    result: one.status.result,
    domain: one.signingDomain,
    headers: one.signingHeaders?.keys ?? '',
    asked,
  }));
}

function hangUp(id) {
  for (const connection of server.connections) {
    if (connection.id === id) connection._socket.destroy();
  }
}

const server = new SMTPServer({
  secure: wanted.secure ?? false,
  cert: wanted.cert,
  key: wanted.key,
  authOptional: !wanted.auth,
  disabledCommands: [...(wanted.auth ? [] : ['AUTH']), ...(wanted.starttls ? [] : ['STARTTLS'])],
  disableReverseLookup: true,
  logger: false,
  onAuth({ username, password }, session, done) {
    const right = username === wanted.auth[0] && password === wanted.auth[1];
    return right ? done(null, { user: username }) : done(refusal(535, '5.7.8 no'));
  },
  onConnect(session, done) {
    const answer = wanted.greeting ? refusal(wanted.greeting, 'not now') : null;
    setTimeout(done, wanted.bannerMs ?? 0, answer);
  },
  onMailFrom(address, session, done) {
    done(wanted.sender ? refusal(wanted.sender, '5.7.1 not from you') : null);
  },
  onRcptTo({ address }, session, done) {
    const name = part(address);
    if (name === 'drop-rcpt') return hangUp(session.id);
    const [, code, text] = /^([45]\d\d)-?(.*)$/.exec(name) ?? [];
    return done(code ? refusal(Number(code), `${text} ${address}`.trim()) : null);
  },
  onData(stream, session, done) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', async () => {
      const raw = Buffer.concat(chunks);
      const to = session.envelope.rcptTo.map((one) => one.address);
      const name = part(to[0]);
      say({
        mail: {
          from: session.envelope.mailFrom.address,
          to,
          connection: session.id,
          secure: session.secure,
          user: session.user ?? null,
          raw: raw.toString('base64'),
          dkim: keys ? await signature(raw) : [],
        },
      });
      if (name === 'drop-data') return hangUp(session.id);
      if (name === 'silent-data') return undefined;
      const [, code] = /^after-data-(\d\d\d)$/.exec(name) ?? [];
      if (code) return done(refusal(Number(code), `${code[0]}.7.1 not this text`));
      done(null, 'taken');
      if (name === 'hangup') setTimeout(hangUp, 20, session.id);
      return undefined;
    });
  },
  onClose(session) {
    say({ closed: session.id });
  },
});

server.on('error', () => {});
server.listen(0, '127.0.0.1', () => {
  say({ port: server.server.address().port, dkimKey: keys?.privateKey ?? null });
});
// The test holds our standard input: when it ends, so do we.
process.stdin.resume().on('end', () => process.exit(0));
