// Stripe's own client library against the sandbox, started by a test with one JSON argument:
//   { "base": address, "key": API key, "secret": webhook secret,
//     "signature": header of a webhook that arrived, "body": its text }
// Writes "all good" as its last line, or fails.
import assert from 'node:assert/strict';
import Stripe from 'stripe';

const told = JSON.parse(process.argv[2]);
const address = new URL(told.base);
const stripe = new Stripe(told.key, {
  host: address.hostname,
  port: address.port,
  protocol: 'http',
  maxNetworkRetries: 0,
  telemetry: false,
});

const order = (amount, means) => ({
  mode: 'payment',
  line_items: [
    {
      quantity: 1,
      price_data: { currency: 'eur', unit_amount: amount, product_data: { name: 'Un bus & l’été' } },
    },
  ],
  payment_method_types: [means],
  metadata: { gift: 'g', instance: 'peer' },
  payment_intent_data: {
    metadata: { gift: 'g', instance: 'peer' },
    on_behalf_of: 'acct_bus',
    transfer_data: { destination: 'acct_bus' },
  },
  success_url: 'http://site.example/dons/x?s={CHECKOUT_SESSION_ID}',
  cancel_url: 'http://site.example/don',
});
const gesture = async (session, fields) => {
  const body = new URLSearchParams(fields);
  return fetch(session.url, { method: 'POST', body, redirect: 'manual' });
};

// Its verifier and the sandbox's signature.
const event = stripe.webhooks.constructEvent(told.body, told.signature, told.secret);
assert.equal(event.object, 'event');
const refuse = (body, secret) => () => stripe.webhooks.constructEvent(body, told.signature, secret);
assert.throws(refuse(`${told.body} `, told.secret), Stripe.errors.StripeSignatureVerificationError);
assert.throws(refuse(told.body, 'whsec_other'), Stripe.errors.StripeSignatureVerificationError);

// A session, paid and read in one go.
const key = { idempotencyKey: 'peer:1' };
const session = await stripe.checkout.sessions.create(order(4200, 'card'), key);
const same = await stripe.checkout.sessions.create(order(4200, 'card'), key);
assert.equal(same.id, session.id);
assert.equal(same.lastResponse.headers['idempotent-replayed'], 'true');
await assert.rejects(
  stripe.checkout.sessions.create(order(4300, 'card'), key),
  Stripe.errors.StripeIdempotencyError,
);
const paid = await gesture(session, { geste: 'payer' });
assert.equal(paid.status, 303);
assert.ok(paid.headers.get('location').endsWith(session.id));
const read = await stripe.checkout.sessions.retrieve(session.id, {
  expand: ['payment_intent.latest_charge.balance_transaction'],
});
assert.equal(read.payment_status, 'paid');
const intent = read.payment_intent;
assert.equal(intent.status, 'succeeded');
assert.equal(intent.transfer_data.destination, 'acct_bus');
assert.equal(intent.latest_charge.balance_transaction.fee, 88);

// What it found, it finds again.
const found = await stripe.paymentIntents.search({ query: "metadata['instance']:'peer'" });
assert.deepEqual(found.data.map((one) => one.id), [intent.id]);
const charge = await stripe.charges.retrieve(intent.latest_charge.id);
assert.equal(charge.payment_intent, intent.id);
assert.equal((await stripe.accounts.retrieve('acct_bus')).charges_enabled, true);

// A refund, with the holder's share.
const refund = await stripe.refunds.create({
  payment_intent: intent.id,
  amount: 1200,
  reverse_transfer: true,
  metadata: { refund: 'r' },
});
assert.equal(refund.status, 'succeeded');
assert.equal((await stripe.refunds.retrieve(refund.id)).amount, 1200);
assert.equal((await stripe.refunds.list({ payment_intent: intent.id })).data.length, 1);
await assert.rejects(
  stripe.refunds.create({ payment_intent: intent.id, amount: 3001 }),
  (error) => error instanceof Stripe.errors.StripeInvalidRequestError && error.param === 'amount',
);

// A refused card, then a page that is closed.
const refused = await stripe.checkout.sessions.create(order(1000, 'card'));
await gesture(refused, { geste: 'refuser' });
const declined = await stripe.checkout.sessions.retrieve(refused.id, { expand: ['payment_intent'] });
assert.equal(declined.payment_intent.last_payment_error.decline_code, 'generic_decline');
assert.equal((await stripe.checkout.sessions.expire(refused.id)).status, 'expired');

// A debit under way.
const debit = await stripe.checkout.sessions.create(order(1000, 'sepa_debit'));
await gesture(debit, { geste: 'sepa' });
const listed = await stripe.checkout.sessions.list({ limit: 1, expand: ['data.payment_intent'] });
assert.equal(listed.data[0].id, debit.id);
assert.equal(listed.data[0].payment_intent.status, 'processing');

// Every event, page by page, by the library's own turning of pages.
const kinds = [];
for await (const one of stripe.events.list({ limit: 3, created: { gte: session.created - 5 } })) {
  kinds.push(one.type);
  assert.equal((await stripe.events.retrieve(one.id)).id, one.id);
}
for (const kind of ['checkout.session.completed', 'charge.refunded', 'payment_intent.processing']) {
  assert.ok(kinds.includes(kind), `${kind} among ${kinds}`);
}
assert.deepEqual((await stripe.disputes.list({ payment_intent: intent.id })).data, []);

// Its errors.
await assert.rejects(
  stripe.paymentIntents.retrieve('pi_none'),
  (error) => error.code === 'resource_missing' && error.statusCode === 404,
);
const stranger = new Stripe('sk_test_other', { host: address.hostname, port: address.port, protocol: 'http' });
await assert.rejects(stranger.events.list(), Stripe.errors.StripeAuthenticationError);

console.log('all good');
