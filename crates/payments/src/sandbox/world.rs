//! Everything the sandbox remembers, and the log of what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{
    objects::{
        Charge, Dispute, Happening, Intent, Movement, Refund, RefundState, Session, SessionStatus,
        Snapshot,
    },
    refusal::Refusal,
};

/// Days a SEPA refund takes, in seconds.
const REFUND_SECONDS: i64 = 3 * 86_400;
/// How long an idempotency key is kept, in seconds.
const KEY_SECONDS: i64 = 86_400;

/// The answer kept under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    pub key: String,
    pub created: i64,
    /// Digest of method, path and body.
    pub request: String,
    pub status: u16,
    pub body: String,
}

/// One thing that changed, as the state file keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    Session(Session),
    Intent(Intent),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    Movement(Movement),
    Event(Happening),
    Told(String),
    Answer(StoredAnswer),
}

/// Whose change it is: at what time, and who tells of it.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Seconds since 1970.
    pub now: i64,
    /// The caller delivers the events; otherwise the webhook sender does.
    pub by_hand: bool,
}

#[derive(Debug, Default)]
pub struct World {
    pub accounts: BTreeSet<String>,
    pub sessions: BTreeMap<String, Session>,
    pub intents: BTreeMap<String, Intent>,
    pub charges: BTreeMap<String, Charge>,
    pub refunds: BTreeMap<String, Refund>,
    pub disputes: BTreeMap<String, Dispute>,
    pub movements: BTreeMap<String, Movement>,
    pub events: BTreeMap<String, Happening>,
    pub answers: HashMap<String, StoredAnswer>,
    /// Events nobody has told of: for the sender, and by hand.
    pub outbox: VecDeque<String>,
    pub held: VecDeque<String>,
    /// Sessions by the gift they name.
    pub by_gift: HashMap<String, String>,
    /// Refunds by payment.
    pub refunds_of: HashMap<String, Vec<String>>,
    /// What happens by itself, by time: pages that close, refunds that arrive.
    pub(super) due: BTreeSet<(i64, String)>,
    pub(super) due_by_hand: BTreeSet<(i64, String)>,
    pub(super) counter: u64,
    pub(super) log: Vec<Record>,
}

impl World {
    /// A new id; ids of one kind sort by age.
    pub fn id(&mut self, prefix: &str) -> String {
        self.counter += 1;
        format!("{prefix}_{:014}", self.counter)
    }

    /// What changed since it was last asked.
    pub fn take_log(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.log)
    }

    /// Keeps an object as it is now, and writes it down.
    pub fn keep(&mut self, at: Moment, object: Snapshot) {
        let record = match object {
            Snapshot::Session(session) => Record::Session(session),
            Snapshot::Intent(intent) => Record::Intent(intent),
            Snapshot::Charge(charge) => Record::Charge(charge),
            Snapshot::Refund(refund) => Record::Refund(refund),
            Snapshot::Dispute(dispute) => Record::Dispute(dispute),
        };
        self.put(record.clone(), at.by_hand);
        self.log.push(record);
    }

    /// Notes a movement on the balance; answers its id.
    pub fn moved(&mut self, at: Moment, movement: Movement) -> String {
        let id = movement.id.clone();
        self.put(Record::Movement(movement.clone()), at.by_hand);
        self.log.push(Record::Movement(movement));
        id
    }

    /// Something happened to an object: to be told.
    pub fn happened(&mut self, at: Moment, kind: &str, about: Snapshot) {
        let id = self.id("evt");
        let kind = kind.to_owned();
        let event = Happening { id, created: at.now, kind, about, told: false };
        self.put(Record::Event(event.clone()), at.by_hand);
        self.log.push(Record::Event(event));
    }

    /// Nobody need be told of this event any more.
    pub fn told(&mut self, id: &str) {
        self.put(Record::Told(id.to_owned()), false);
        self.log.push(Record::Told(id.to_owned()));
    }

    /// After reading the state file: what was told need not be told again.
    pub fn forget_told(&mut self) {
        let events = &self.events;
        self.outbox.retain(|id| events.get(id).is_some_and(|event| !event.told));
    }

    /// Keeps an answer under its idempotency key.
    pub fn answered(&mut self, answer: StoredAnswer) {
        let oldest = answer.created - KEY_SECONDS;
        if self.answers.len() % 1_000 == 999 {
            self.answers.retain(|_, kept| kept.created > oldest);
        }
        self.put(Record::Answer(answer.clone()), false);
        self.log.push(Record::Answer(answer));
    }

    /// The answer under a key that is not too old.
    pub fn answer(&self, key: &str, now: i64) -> Option<&StoredAnswer> {
        self.answers.get(key).filter(|kept| kept.created > now - KEY_SECONDS)
    }

    /// Takes a record in: one just made, or one of the state file.
    pub fn put(&mut self, record: Record, by_hand: bool) {
        match record {
            Record::Session(session) => self.put_session(session, by_hand),
            Record::Intent(intent) => {
                self.seen(&intent.id);
                self.intents.insert(intent.id.clone(), intent);
            }
            Record::Charge(charge) => {
                self.seen(&charge.id);
                self.charges.insert(charge.id.clone(), charge);
            }
            Record::Refund(refund) => self.put_refund(refund, by_hand),
            Record::Dispute(dispute) => {
                self.seen(&dispute.id);
                self.disputes.insert(dispute.id.clone(), dispute);
            }
            Record::Movement(movement) => {
                self.seen(&movement.id);
                self.movements.insert(movement.id.clone(), movement);
            }
            Record::Event(event) => {
                self.seen(&event.id);
                let queue = if by_hand { &mut self.held } else { &mut self.outbox };
                queue.push_back(event.id.clone());
                self.events.insert(event.id.clone(), event);
            }
            Record::Told(id) => {
                if let Some(event) = self.events.get_mut(&id) {
                    event.told = true;
                }
            }
            Record::Answer(answer) => {
                self.answers.insert(answer.key.clone(), answer);
            }
        }
    }

    fn put_session(&mut self, session: Session, by_hand: bool) {
        self.seen(&session.id);
        let due = (session.expires_at, session.id.clone());
        if session.status == SessionStatus::Open {
            self.due_of(by_hand).insert(due);
        } else {
            self.forget(&due);
        }
        if let Some(gift) = session.order.metadata.get("gift") {
            self.by_gift.insert(gift.clone(), session.id.clone());
        }
        self.sessions.insert(session.id.clone(), session);
    }

    fn put_refund(&mut self, refund: Refund, by_hand: bool) {
        self.seen(&refund.id);
        let due = (refund.created + REFUND_SECONDS, refund.id.clone());
        if refund.status == RefundState::Pending {
            self.due_of(by_hand).insert(due);
        } else {
            self.forget(&due);
        }
        if !self.refunds.contains_key(&refund.id) {
            self.refunds_of.entry(refund.intent.clone()).or_default().push(refund.id.clone());
        }
        self.refunds.insert(refund.id.clone(), refund);
    }

    fn due_of(&mut self, by_hand: bool) -> &mut BTreeSet<(i64, String)> {
        if by_hand { &mut self.due_by_hand } else { &mut self.due }
    }

    fn forget(&mut self, due: &(i64, String)) {
        self.due.remove(due);
        self.due_by_hand.remove(due);
    }

    /// The next thing whose time has come; a turned clock does not close another clock's pages.
    pub fn next_due(&mut self, at: Moment) -> Option<String> {
        let due = self.due_of(at.by_hand);
        let (time, _) = due.first()?;
        if *time > at.now { None } else { due.pop_first().map(|(_, id)| id) }
    }

    /// Ids go on after those of the state file.
    fn seen(&mut self, id: &str) {
        let number = id.rsplit('_').next().and_then(|digits| digits.parse().ok());
        self.counter = self.counter.max(number.unwrap_or(0));
    }

    pub fn session(&self, id: &str) -> Result<&Session, Refusal> {
        self.sessions.get(id).ok_or_else(|| Refusal::missing("checkout.session", id))
    }

    pub fn intent(&self, id: &str) -> Result<&Intent, Refusal> {
        self.intents.get(id).ok_or_else(|| Refusal::missing("payment_intent", id))
    }

    pub fn charge(&self, id: &str) -> Result<&Charge, Refusal> {
        self.charges.get(id).ok_or_else(|| Refusal::missing("charge", id))
    }

    pub fn refund(&self, id: &str) -> Result<&Refund, Refusal> {
        self.refunds.get(id).ok_or_else(|| Refusal::missing("refund", id))
    }

    pub fn dispute(&self, id: &str) -> Result<&Dispute, Refusal> {
        self.disputes.get(id).ok_or_else(|| Refusal::missing("dispute", id))
    }

    pub fn movement(&self, id: &str) -> Result<&Movement, Refusal> {
        self.movements.get(id).ok_or_else(|| Refusal::missing("balance transaction", id))
    }

    /// The charge of a payment that took the money, or tried last.
    pub fn charge_of(&self, intent: &str) -> Result<&Charge, Refusal> {
        let latest = self.intent(intent)?.latest_charge.as_deref();
        let none = || Refusal::invalid(None, format!("{intent} does not have a charge"));
        self.charge(latest.ok_or_else(none)?)
    }
}
