//! Money comes in: pages and payments.

use super::{
    objects::{
        Charge, ChargeStatus, Intent, IntentStatus, Means, Movement, Session, SessionOrder,
        SessionStatus, Snapshot,
    },
    refusal::Refusal,
    world::{Moment, World},
};

const DAY: i64 = 86_400;
/// A page stays open half an hour at least, less a minute for the way the request took.
const SHORTEST: i64 = 29 * 60;

/// What the provider keeps, in cents: 1.5 % and 25 c by card, 35 c by debit.
fn fee(means: Means, amount: i64) -> i64 {
    match means {
        Means::Card => (amount * 15 + 500) / 1_000 + 25,
        Means::SepaDebit => 35,
    }
}

/// How a try goes.
pub struct Try<'a> {
    /// The card's number.
    pub number: &'a str,
    /// The donor showed who they are.
    pub three_d_secure: bool,
    /// Why it is refused, if it is.
    pub declined: Option<&'a str>,
}

impl World {
    pub fn open_session(&mut self, at: Moment, order: SessionOrder) -> Result<Session, Refusal> {
        if order.amount < 50 {
            let message = "The Checkout Session's total amount must convert to at least 50 cents.";
            return Err(Refusal::invalid(Some("amount_too_small"), message));
        }
        if order.amount > 99_999_999 {
            let message = "Amount must be no more than €999,999.99";
            return Err(Refusal::invalid(Some("amount_too_large"), message));
        }
        for account in order.destination.iter().chain(&order.on_behalf_of) {
            if !self.accounts.contains(account) {
                let message = format!("No such destination: '{account}'");
                let refusal = Refusal::invalid(Some("resource_missing"), message);
                return Err(refusal.about("payment_intent_data[transfer_data][destination]"));
            }
        }
        let expires_at = order.expires_at.unwrap_or(at.now + DAY);
        if !(at.now + SHORTEST..=at.now + DAY + 60).contains(&expires_at) {
            let message =
                "The `expires_at` timestamp must be 30 minutes to 24 hours after creation.";
            return Err(Refusal::invalid(None, message).about("expires_at"));
        }
        let id = self.id("cs_test");
        let status = SessionStatus::Open;
        let (created, payment_intent) = (at.now, None);
        let session =
            Session { id, created, expires_at, status, paid: false, order, payment_intent };
        self.keep(at, Snapshot::Session(session.clone()));
        Ok(session)
    }

    pub fn expire_session(&mut self, at: Moment, id: &str) -> Result<Session, Refusal> {
        let mut session = self.session(id)?.clone();
        if session.status != SessionStatus::Open {
            let status = session.status.name();
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be \
                                   expired. This Checkout Session has a status of {status}."
            );
            return Err(Refusal::invalid(None, message));
        }
        session.status = SessionStatus::Expired;
        self.keep(at, Snapshot::Session(session.clone()));
        self.happened(at, "checkout.session.expired", Snapshot::Session(session.clone()));
        if let Some(mut intent) =
            session.payment_intent.as_ref().and_then(|id| self.intents.get(id)).cloned()
        {
            intent.status = IntentStatus::Canceled;
            intent.canceled_at = Some(at.now);
            self.keep(at, Snapshot::Intent(intent.clone()));
            self.happened(at, "payment_intent.canceled", Snapshot::Intent(intent));
        }
        Ok(session)
    }

    /// Everything whose time has come: pages close, refunds arrive.
    pub fn sweep(&mut self, at: Moment) {
        while let Some(id) = self.next_due(at) {
            let done = if id.starts_with("re_") {
                self.settle_refund(at, &id, true)
            } else {
                self.expire_session(at, &id).map(drop)
            };
            debug_assert!(done.is_ok(), "only open things are due");
        }
    }

    /// The donor tries to pay.
    pub fn pay(&mut self, at: Moment, session_id: &str, how: &Try<'_>) -> Result<(), Refusal> {
        let mut session = self.session(session_id)?.clone();
        if session.status != SessionStatus::Open {
            let message = "This Checkout Session is no longer open.";
            return Err(Refusal::invalid(Some("checkout_session_not_open"), message));
        }
        let mut intent = self.intent_for(at, &mut session);
        let mut charge = self.charge_for(at, &session, &intent, how);
        intent.latest_charge = Some(charge.id.clone());
        match (how.declined, intent.means) {
            (Some(code), _) => {
                charge.status = ChargeStatus::Failed;
                charge.decline_code = Some(code.to_owned());
                self.keep(at, Snapshot::Session(session));
                self.both(at, (intent, "payment_intent.payment_failed"), (charge, "charge.failed"));
            }
            (None, Means::SepaDebit) => {
                intent.status = IntentStatus::Processing;
                session.status = SessionStatus::Complete;
                self.keep(at, Snapshot::Session(session.clone()));
                self.both(at, (intent, "payment_intent.processing"), (charge, "charge.pending"));
                self.happened(at, "checkout.session.completed", Snapshot::Session(session));
            }
            (None, Means::Card) => {
                session.status = SessionStatus::Complete;
                session.paid = true;
                self.keep(at, Snapshot::Session(session.clone()));
                self.take(at, intent, charge);
                self.happened(at, "checkout.session.completed", Snapshot::Session(session));
            }
        }
        Ok(())
    }

    fn intent_for(&mut self, at: Moment, session: &mut Session) -> Intent {
        if let Some(known) = session.payment_intent.as_ref().and_then(|id| self.intents.get(id)) {
            return known.clone();
        }
        let order = session.order.clone();
        let intent = Intent {
            id: self.id("pi"),
            created: at.now,
            status: IntentStatus::RequiresPaymentMethod,
            session: session.id.clone(),
            amount: order.amount,
            means: session.means(),
            metadata: order.payment_metadata,
            description: order.description,
            destination: order.destination,
            on_behalf_of: order.on_behalf_of,
            latest_charge: None,
            canceled_at: None,
        };
        session.payment_intent = Some(intent.id.clone());
        self.happened(at, "payment_intent.created", Snapshot::Intent(intent.clone()));
        intent
    }

    fn charge_for(
        &mut self,
        at: Moment,
        session: &Session,
        intent: &Intent,
        how: &Try<'_>,
    ) -> Charge {
        Charge {
            id: self.id(if intent.means == Means::Card { "ch" } else { "py" }),
            created: at.now,
            status: ChargeStatus::Pending,
            intent: intent.id.clone(),
            amount: intent.amount,
            amount_refunded: 0,
            means: intent.means,
            number: how.number.to_owned(),
            three_d_secure: how.three_d_secure,
            metadata: intent.metadata.clone(),
            email: session.order.email.clone(),
            destination: intent.destination.clone(),
            on_behalf_of: intent.on_behalf_of.clone(),
            balance_transaction: None,
            disputed: false,
            decline_code: None,
        }
    }

    /// The money is taken: now by card, later by debit.
    fn take(&mut self, at: Moment, mut intent: Intent, mut charge: Charge) {
        let available_on = at.now + if intent.means == Means::Card { 2 * DAY } else { 0 };
        let movement = Movement {
            id: self.id("txn"),
            created: at.now,
            available_on,
            amount: charge.amount,
            fee: fee(intent.means, charge.amount),
            kind: "charge".to_owned(),
            source: charge.id.clone(),
        };
        charge.balance_transaction = Some(self.moved(at, movement));
        charge.status = ChargeStatus::Succeeded;
        intent.status = IntentStatus::Succeeded;
        self.both(at, (intent, "payment_intent.succeeded"), (charge, "charge.succeeded"));
    }

    fn both(&mut self, at: Moment, intent: (Intent, &str), charge: (Charge, &str)) {
        self.keep(at, Snapshot::Charge(charge.0.clone()));
        self.keep(at, Snapshot::Intent(intent.0.clone()));
        self.happened(at, charge.1, Snapshot::Charge(charge.0));
        self.happened(at, intent.1, Snapshot::Intent(intent.0));
    }

    /// The donor's bank answers a debit.
    pub fn settle_debit(
        &mut self,
        at: Moment,
        session_id: &str,
        paid: bool,
    ) -> Result<(), Refusal> {
        let mut session = self.session(session_id)?.clone();
        let under_way = session.payment_intent.as_ref().and_then(|id| self.intents.get(id));
        let under_way = under_way.filter(|intent| intent.status == IntentStatus::Processing);
        let none = || Refusal::invalid(None, format!("{session_id} has no debit under way"));
        let mut intent = under_way.ok_or_else(none)?.clone();
        let mut charge = self.charge_of(&intent.id)?.clone();
        let event = if paid {
            session.paid = true;
            self.keep(at, Snapshot::Session(session.clone()));
            self.take(at, intent, charge);
            "checkout.session.async_payment_succeeded"
        } else {
            intent.status = IntentStatus::RequiresPaymentMethod;
            charge.status = ChargeStatus::Failed;
            charge.decline_code = Some("insufficient_funds".to_owned());
            self.both(at, (intent, "payment_intent.payment_failed"), (charge, "charge.failed"));
            "checkout.session.async_payment_failed"
        };
        self.happened(at, event, Snapshot::Session(session));
        Ok(())
    }
}
