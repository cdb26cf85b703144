//! A town to test in: real PostgreSQL, the sandbox in process, a mailbox in memory, a clock we
//! turn.

#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "a test stops where something is wrong; each binary uses its part of the town"
)]

use std::sync::Arc;

use actions::{
    Actions, Began, BeginGift, BeginRefused, Client, DonorDetails, House, Mode, Parts, Proof,
    Silence, Stop,
};
use documents::Documents;
use domain::{
    Cents,
    gift::{AmountBounds, PaymentMethod},
    ids::{GiftId, RefundId},
    people::{PersonName, PostalAddress},
};
use essaim::demo::{catalogue, signature};
use mail::{Composer, Letter, MemoryPost, Sender, letter::SignIn};
use payments::{
    Gateway, ProviderRef, RefundRequest, StripeConfig, StripeGateway,
    sandbox::{Outcome, Sandbox, SandboxConfig, WebhookTarget},
};
use secrecy::SecretString;
use store::{Reader, Reads, Writer, gifts::GiftRow, totals::Totals};
use testkit::database::TestDatabase;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const BUS: &str = "le-bus-des-demarches-de-la-creuse";
pub const INSTANCE: &str = "town";
pub const WEBHOOK_SECRET: &str = "whsec_town";
pub const SANDBOX_KEY: &str = "sk_test_town";

/// The town. `end` audits it: each test of the house is a test of the books.
pub struct Town {
    pub actions: Actions,
    pub sandbox: Sandbox,
    pub post: Arc<MemoryPost>,
    pub now: OffsetDateTime,
    pub writer: Writer,
    pub reader: Reader,
    /// Address of its database.
    pub url: String,
    database: Option<TestDatabase>,
}

/// Where a town is: its site, its payment pages, and its database, else one of its own.
#[derive(Clone, Debug)]
pub struct Place {
    pub site: String,
    pub till: String,
    pub database: Option<String>,
}

impl Default for Place {
    fn default() -> Self {
        let (site, till) = ("http://localhost:8080".into(), "http://localhost:8081".into());
        Self { site, till, database: None }
    }
}

fn house(site: &str) -> House {
    House {
        base_url: site.into(),
        instance: INSTANCE.into(),
        demonstration: false,
        livemode: false,
        webhook_secrets: vec![SecretString::from(WEBHOOK_SECRET)],
        bounds: AmountBounds { min: Cents::new(500), max: Cents::new(1_000_000) },
        refund_days: 14,
        debit_days: 21,
        limits_key: SecretString::from("a key of the town"),
        providers: Arc::default(),
        mode: Mode::Live,
    }
}

/// The provider, and the time in town.
fn bank(place: &Place) -> (OffsetDateTime, Sandbox) {
    let now = OffsetDateTime::from_unix_timestamp(OffsetDateTime::now_utc().unix_timestamp());
    let now = now.unwrap();
    let staged = catalogue::campaigns(now).unwrap();
    let accounts =
        staged.iter().filter_map(|one| one.new.holder.provider_account.clone()).collect();
    let sandbox = Sandbox::new(SandboxConfig {
        accounts,
        state_file: None,
        webhook: Some(WebhookTarget {
            url: format!("{}/webhooks/stripe", place.site),
            secret: SecretString::from(WEBHOOK_SECRET),
        }),
        secret_key: SecretString::from(SANDBOX_KEY),
        public_url: place.till.clone(),
    })
    .unwrap();
    (now, sandbox)
}

impl Town {
    pub async fn new() -> Self {
        let place = Place::default();
        let (now, sandbox) = bank(&place);
        sandbox.set_now(Some(now));
        let gateway = Arc::new(sandbox.gateway());
        Self::build(place, (now, sandbox), gateway).await
    }

    /// The same town, its provider behind HTTP; also answers the provider's address.
    pub async fn over_http() -> (Self, String) {
        let place = Place::default();
        let (now, sandbox) = bank(&place);
        sandbox.set_now(Some(now));
        // The town takes the events itself: nobody listens to webhooks.
        let sandbox = sandbox.by_hand();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = sandbox.clone();
        tokio::spawn(async move { serving.serve(listener, CancellationToken::new()).await });
        let config = StripeConfig {
            base_url: Some(base.clone()),
            secret_key: SecretString::from(SANDBOX_KEY),
            timeout: std::time::Duration::from_secs(8),
        };
        let gateway = Arc::new(StripeGateway::new(config).unwrap());
        (Self::build(place, (now, sandbox), gateway).await, base)
    }

    /// A town founded somewhere; its sandbox follows the clock of the machine.
    pub async fn at(place: Place) -> Self {
        let bank = bank(&place);
        let gateway = Arc::new(bank.1.gateway());
        Self::build(place, bank, gateway).await
    }

    async fn build(
        place: Place,
        (now, sandbox): (OffsetDateTime, Sandbox),
        gateway: Arc<dyn Gateway>,
    ) -> Self {
        let (database, url) = match place.database {
            Some(url) => (None, url),
            None => {
                let own = TestDatabase::new().await;
                let url = own.url().to_owned();
                (Some(own), url)
            }
        };
        let staged = catalogue::campaigns(now).unwrap();
        let writer = Writer::new(&url, 12).unwrap();
        let reader = Reader::new(&url, 12).unwrap();
        let letters = Arc::new(templates::letters::Letters::embedded().unwrap());
        let sender = Sender {
            address: "bonjour@essaim.example".parse().unwrap(),
            name: "Essaim".into(),
            reply_to: None,
            site_url: "http://localhost:8080".into(),
            demo: false,
        };
        let post = Arc::new(MemoryPost::new(Composer::new(letters, sender)));
        let actions = Actions::new(Parts {
            writer: writer.clone(),
            reader: reader.clone(),
            gateway,
            post: post.clone(),
            documents: Arc::new(Documents::new()),
            tax: Arc::new(tax::Parameters::french().clone()),
            announce: Arc::new(Silence),
            house: house(&place.site),
        });
        let fund = catalogue::fund(now).unwrap();
        actions.open_pots(&fund.pots, now).await.unwrap();
        let new: Vec<_> = staged.into_iter().map(|one| one.new).collect();
        actions.publish_campaigns(&new).await.unwrap();
        signature::entrust(&actions, &new, now).await.unwrap();
        actions.set_matching(&fund.settings, now).await.unwrap();
        Self { actions, sandbox, post, now, writer, reader, url, database }
    }

    /// Time passes.
    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        self.sandbox.set_now(Some(self.now));
    }

    pub fn ask(&self, slug: &str, euros: i64, email: &str) -> BeginGift {
        BeginGift {
            gift: GiftId::new(Uuid::now_v7()),
            slug: slug.into(),
            amount: Cents::new(euros * 100),
            method: PaymentMethod::Card,
            donor: DonorDetails {
                email: email.parse().unwrap(),
                name: PersonName { first: "Camille".into(), last: "d’Été".into() },
                address: Some(PostalAddress {
                    line: "12, rue des Écoles".into(),
                    postcode: "23000".into(),
                    city: "Guéret".into(),
                    country: "FR".into(),
                }),
                wants_receipt: true,
                public_name: false,
                wants_news: true,
            },
            again: false,
            client: Client {
                address: email.into(),
                flow: format!("flow of {email}"),
                shared: false,
            },
        }
    }

    pub async fn begin(&self, ask: &BeginGift) -> Result<Began, BeginRefused> {
        match self.actions.begin_gift(ask, self.now).await {
            Ok(began) => Ok(began),
            Err(Stop::Refused(refused)) => Err(refused),
            Err(stop) => panic!("{stop:?}"),
        }
    }

    /// Begins a gift and does on the payment page what `outcome` says; nothing is delivered yet.
    pub async fn visit(&self, ask: &BeginGift, outcome: Outcome) {
        self.begin(ask).await.unwrap();
        let session = self.actions.session_of(ask.gift).await.unwrap().unwrap();
        self.sandbox.pay(&session, &outcome).unwrap();
    }

    /// A gift by card, paid, recorded, thanked.
    pub async fn give(&self, slug: &str, euros: i64, email: &str) -> GiftId {
        let ask = self.ask(slug, euros, email);
        self.visit(&ask, Outcome::Pay).await;
        self.deliver().await;
        ask.gift
    }

    /// The provider's events arrive and all jobs due are done.
    pub async fn deliver(&self) {
        for (_, body) in self.sandbox.take_events() {
            self.ring(&body).await;
        }
        self.work().await;
    }

    /// One event rings at the door, signed.
    pub async fn ring(&self, body: &[u8]) -> actions::Received {
        let signature = self.sandbox.sign(body, self.now);
        let event = payments::UnverifiedEvent { body, signature: &signature };
        self.actions.receive_payment_event(&event, self.now).await.unwrap()
    }

    pub async fn work(&self) {
        self.work_at(self.now).await;
    }

    pub async fn work_at(&self, now: OffsetDateTime) {
        let actions = self.actions.clone();
        let handler = move |claim| {
            let actions = actions.clone();
            async move { workers::handle(&actions, claim, now).await }
        };
        jobs::drain(&self.writer.pool(), now, handler).await.unwrap();
    }

    /// The last letter to sign in that went to an address.
    pub fn sign_in_letter(&self, email: &str) -> SignIn {
        let sent = self.post.sent();
        let letter = sent.iter().rev().find_map(|(message, _)| match message.letter() {
            Letter::SignIn(letter) if message.to().as_str() == email => Some(letter.clone()),
            _ => None,
        });
        letter.expect("a letter to sign in")
    }

    /// Somebody we know signs in, by the code; the word of their cookie.
    pub async fn signs_in(&self, email: &str, now: OffsetDateTime) -> String {
        let client = Client { address: email.into(), flow: email.into(), shared: false };
        let address = email.parse().unwrap();
        self.actions.ask_to_sign_in(&address, "/", &client, now).await.unwrap();
        self.work_at(now).await;
        let code = self.sign_in_letter(email).code;
        let who = (&client, "Firefox sous Linux");
        self.actions.sign_in(Proof::Code(&code), who, now).await.unwrap().token
    }

    /// The provider's payment of a gift.
    pub async fn intent(&self, gift: GiftId) -> Option<String> {
        self.theirs(gift).await.payment_intent
    }

    /// The payment of a gift as the provider sees it.
    pub async fn theirs(&self, gift: GiftId) -> payments::PaymentObject {
        let session = self.actions.session_of(gift).await.unwrap().unwrap();
        self.sandbox.gateway().payment(&ProviderRef::Session(session)).await.unwrap()
    }

    /// Somebody refunds at the provider itself, behind our back.
    pub async fn refund_there(&self, gift: GiftId, cents: i64) -> bool {
        let Some(payment_intent) = self.intent(gift).await else { return false };
        let refund = RefundId::new(Uuid::now_v7());
        let request = RefundRequest { refund, payment_intent, amount: Cents::new(cents) };
        self.sandbox.gateway().refund(&request).await.is_ok()
    }

    /// Promises a task, as the calendar does.
    pub async fn promise(&self, task: &actions::Task) {
        let mut tx = self.writer.begin().await.unwrap();
        jobs::enqueue(tx.conn(), &task.job(None).unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn gift(&self, id: GiftId) -> GiftRow {
        let mut db = self.reader.get().await.unwrap();
        store::gifts::read(&mut db, id).await.unwrap().unwrap()
    }

    pub async fn totals(&self, campaign: &str) -> Totals {
        let mut db = self.reader.get().await.unwrap();
        let id = domain::ids::CampaignId::new(campaign);
        store::totals::read(&mut db, &id).await.unwrap()
    }

    pub async fn balance(&self, account: &str) -> i64 {
        let mut db = self.reader.get().await.unwrap();
        store::journal::balance(&mut db, account).await.unwrap()
    }

    /// Kinds of the letters sent to an address, in order.
    pub fn letters(&self, email: &str) -> Vec<&'static str> {
        let sent = self.post.sent();
        let to = |message: &mail::Message| message.to().as_str() == email;
        sent.iter().filter(|(message, _)| to(message)).map(|(m, _)| m.letter().kind()).collect()
    }

    /// Does what remains, then audits: no breach, nothing parked.
    pub async fn end(self) {
        self.deliver().await;
        let breaches = self.actions.audit(self.now + Duration::hours(1)).await.unwrap();
        assert_eq!(breaches, [], "the books of this town");
        let pot = domain::ids::PotId::new("socle");
        let differences = self.actions.recount_ledger(&pot, self.now).await.unwrap();
        assert_eq!(differences, [], "the ledger of this town, counted again");
        self.writer.close();
        self.reader.close();
        drop(self.database);
    }
}
