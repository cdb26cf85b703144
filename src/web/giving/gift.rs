//! `/dons/{jeton}`: the private page of a gift, from the payment to its refund. What it says comes
//! from our rows alone: an address that claims success proves nothing (reliability B5).

use actions::{Explained, Told};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::Response,
};
use domain::{
    BasisPoints, Cents,
    gift::{PaymentMethod, PaymentState},
    receipt::NoReceipt,
};
use store::{
    campaigns::{self, CampaignRow},
    gifts::{self, DonorRow, GiftRow, PaymentRow},
    matches,
    money_back::{self, RefundRow},
    pages, people, pots,
    receipts::ReceiptRow,
    rules,
};
use templates::pages::{
    Gift, PaymentRefused,
    gift::{GiftState, NextStep, ReceiptState, RefundOffer, RefundWhy},
    give::{RefusedWhy, Reserved},
};
use time::{Duration, OffsetDateTime};

use crate::web::{campaigns::details::Details, error::Failure, state::Site, visit::Visit};

/// Days within which a bank has answered a debit (reliability B7).
const DEBIT_DAYS: i64 = 14;

/// A gift with what its page needs.
struct Read {
    gift: GiftRow,
    payment: PaymentRow,
    donor: DonorRow,
    email: String,
    campaign: CampaignRow,
    explained: Explained,
    refunds: Vec<RefundRow>,
    receipts: Vec<ReceiptRow>,
}

impl Read {
    async fn by_token(site: &Site, token: &str) -> Result<Self, Failure> {
        let mut db = site.reader.get().await?;
        let gift = gifts::by_token(&mut db, token).await?.ok_or(Failure::NotFound)?;
        let campaign = campaigns::read(&mut db, &gift.campaign()).await?;
        let lines = matches::lines(&mut db, gift.gift()).await?;
        let rules = rules::published(&mut db).await?;
        let origins = pots::origins(&mut db).await?;
        let told = Told { rules: &rules, origins: &origins, campaign: &campaign };
        let mut explained = Explained::of_lines(&lines, told);
        explained.not_applied.extend(site.actions.shared_at_close(&gift).await?);
        Ok(Self {
            payment: gifts::payment(&mut db, gift.gift()).await?,
            donor: gifts::donor(&mut db, gift.gift()).await?,
            email: people::addressee(&mut db, gift.person()).await?.email,
            explained,
            refunds: money_back::refunds_of(&mut db, gift.gift()).await?,
            receipts: pages::gift::receipts_of(&mut db, gift.gift()).await?,
            gift,
            campaign,
        })
    }

    /// The gift, in cents: what was taken, or asked before that.
    fn amount(&self) -> Cents {
        let captured = self.gift.captured_cents;
        Cents::new(if captured > 0 { captured } else { self.gift.amount_cents })
    }

    fn by_hand(&self) -> bool {
        self.gift.payment_method() == PaymentMethod::SepaDebit
    }

    fn open_refund(&self) -> Option<&RefundRow> {
        let open = ["queued", "asked", "unknown", "pending"];
        self.refunds.iter().find(|refund| open.contains(&refund.state.as_str()))
    }

    fn last_return(&self) -> (OffsetDateTime, RefundWhy) {
        let last = self.refunds.iter().rev().find(|refund| refund.state == "succeeded");
        let Some(refund) = last else {
            return (self.gift.paid_at.unwrap_or(self.gift.created_at), RefundWhy::Dispute);
        };
        let why = match refund.origin.as_str() {
            "donor" => RefundWhy::Asked,
            "campaign_failed" => RefundWhy::CampaignFailed,
            _ => RefundWhy::Operator,
        };
        (refund.ended_at.unwrap_or(refund.asked_at), why)
    }

    fn state(&self) -> GiftState {
        let paid_at = self.gift.paid_at.unwrap_or(self.gift.created_at);
        if let Some(refund) = self.open_refund() {
            return GiftState::RefundRequested {
                at: refund.asked_at.into(),
                by_hand: refund.state == "queued",
            };
        }
        match self.gift.payment_state() {
            PaymentState::Created | PaymentState::Failed => GiftState::Confirming,
            PaymentState::Unknown => GiftState::Unknown,
            PaymentState::Processing => GiftState::Pending {
                expected_by: (self.gift.created_at + Duration::days(DEBIT_DAYS)).into(),
                mandate: None,
            },
            PaymentState::Captured => GiftState::Captured { at: paid_at.into() },
            PaymentState::PartlyRefunded => GiftState::PartlyRefunded {
                refunded: Cents::new(self.gift.refunded_cents + self.gift.lost_cents),
                at: self.last_return().0.into(),
            },
            PaymentState::Refunded => {
                let (at, why) = self.last_return();
                GiftState::Refunded { at: at.into(), why }
            }
            PaymentState::Disputed => GiftState::Disputed { at: paid_at.into() },
        }
    }

    fn receipt(&self) -> ReceiptState {
        let Some(newest) = self.receipts.first() else {
            let code = self.gift.no_receipt_reason.as_deref();
            return match code.and_then(NoReceipt::from_code) {
                Some(why) => ReceiptState::None { why },
                None if !self.gift.wants_receipt => {
                    ReceiptState::None { why: NoReceipt::NotWanted }
                }
                None if self.gift.payment_state() == PaymentState::Processing => {
                    ReceiptState::None { why: NoReceipt::MoneyNotCleared }
                }
                None => ReceiptState::Preparing,
            };
        };
        let number = newest.number.clone();
        if newest.cancelled_at.is_some() {
            return ReceiptState::Cancelled { number, replaced_by: None };
        }
        ReceiptState::Issued { token: newest.token.clone(), number }
    }

    fn cost(&self) -> Option<Cents> {
        let rate = self.gift.reduction_bp.filter(|_| self.gift.wants_receipt)?;
        let reduction = BasisPoints::new(rate).of_half_up(self.amount())?;
        self.amount().minus(reduction)
    }

    fn refund_offer(&self, days: i64, now: OffsetDateTime) -> RefundOffer {
        let standing = matches!(
            self.gift.payment_state(),
            PaymentState::Captured | PaymentState::PartlyRefunded
        );
        let Some(paid_at) = self.gift.paid_at.filter(|_| standing) else {
            return RefundOffer::NotNow;
        };
        if self.open_refund().is_some() {
            return RefundOffer::NotNow;
        }
        let until = paid_at + Duration::days(days);
        if now >= until {
            return RefundOffer::TooLate;
        }
        RefundOffer::Possible { until: until.into(), by_hand: self.by_hand() }
    }

    fn next_steps(&self) -> Vec<NextStep> {
        Details(&self.campaign.details).next_steps(self.campaign.ends_at)
    }

    fn page(self, site: &Site) -> Gift {
        let now = site.now();
        let reference = self.gift.id.simple().to_string();
        let kept = matches!(self.gift.match_state.as_str(), "committed" | "held");
        Gift {
            reference: reference[reference.len() - 12..].to_uppercase(),
            first_name: Some(self.donor.first_name.clone()).filter(|name| !name.is_empty()),
            slug: self.campaign.slug.clone(),
            campaign: self.campaign.title.clone(),
            campaign_ends_at: self.campaign.ends_at.into(),
            amount: self.amount(),
            method: self.gift.payment_method(),
            last4: None,
            given_at: self.gift.paid_at.unwrap_or(self.gift.created_at).into(),
            state: self.state(),
            matched: Cents::new(self.gift.match_cents),
            verify_ref: kept.then_some(reference),
            receipt: self.receipt(),
            cost: self.cost(),
            refund: self.refund_offer(site.config.giving.refund_days, now),
            next: self.next_steps(),
            token: self.gift.token,
            email: self.email,
            lines: self.explained.lines,
            not_applied: self.explained.not_applied,
        }
    }

    /// The page of a payment that was refused or given up; nothing while there is hope.
    fn refused(&self, abandoned: bool, now: OffsetDateTime) -> Option<PaymentRefused> {
        let state = self.gift.payment_state();
        let ends = self.gift.reservation_ends_at.filter(|end| now < *end);
        let why = match state {
            PaymentState::Failed if self.by_hand() => RefusedWhy::DebitFailed,
            PaymentState::Failed if self.payment.decline_code.is_some() => RefusedWhy::Declined,
            PaymentState::Failed => RefusedWhy::Expired,
            PaymentState::Created if ends.is_none() => RefusedWhy::Expired,
            PaymentState::Created if abandoned => RefusedWhy::Abandoned,
            _ => return None,
        };
        let still_open = state == PaymentState::Created && ends.is_some();
        let matched = Cents::new(self.gift.match_cents);
        Some(PaymentRefused {
            slug: self.campaign.slug.clone(),
            campaign: self.campaign.title.clone(),
            amount: self.amount(),
            why,
            reserved: ends
                .filter(|_| still_open && matched.is_positive())
                .map(|until| Reserved { matched, until: until.into() }),
            retry_url: self.payment.checkout_url.clone().filter(|_| still_open),
        })
    }
}

/// The handler.
pub async fn show(
    State(site): State<Site>,
    Path(token): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let read = Read::by_token(&site, &token).await?;
    let abandoned = visit.address.contains("abandon=1");
    if let Some(page) = read.refused(abandoned, site.now()) {
        return site.form_page(&visit, &page);
    }
    let page = read.page(&site);
    let mut answer = site.form_page(&visit, &page)?;
    // Without a script: the provider's word comes within seconds, or a person looks.
    let again = match page.state {
        GiftState::Confirming => Some("2"),
        GiftState::Unknown => Some("30"),
        _ => None,
    };
    if let Some(seconds) = again {
        answer.headers_mut().insert(header::REFRESH, HeaderValue::from_static(seconds));
    }
    Ok(answer)
}
