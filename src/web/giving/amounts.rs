//! What an amount becomes: asked of the actions, shown before anything is promised.

use actions::{Quote, QuoteRefused};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::Cents;
use templates::pages::{Amounts, Preview, WhyNot, amounts::PreviewFragment};
use time::OffsetDateTime;

use crate::web::{
    error::{Failure, answered},
    query,
    state::Site,
    visit::Visit,
};

/// The amounts offered, in cents.
const PRESETS: [i64; 4] = [1_000, 2_000, 5_000, 10_000];
/// The one that is chosen when nobody chose.
pub const USUAL: Cents = Cents::new(2_000);
/// The block that answers a free amount.
const BLOCK: &str = "preview";

/// The amount as chosen and typed: the fields `montant` and `montant-libre`.
#[derive(Clone, Debug, Default)]
pub struct Chosen {
    /// Whole euros of a preset, `libre`, or nothing yet.
    pub preset: String,
    /// The free amount.
    pub free: String,
}

impl Chosen {
    /// The preset, in cents, when it is one of ours; nothing for the free amount.
    #[must_use]
    pub fn preset_cents(&self) -> Option<Cents> {
        let cents = Cents::parse_euros(&self.preset).ok()?;
        PRESETS.contains(&cents.get()).then_some(cents)
    }

    /// True when the free amount is meant.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.preset == "libre" || (self.preset_cents().is_none() && !self.free.is_empty())
    }

    /// The free amount in cents, when it is a gift we take.
    fn free_cents(&self, site: &Site) -> Option<Cents> {
        let cents = Cents::parse_euros(&self.free).ok()?;
        site.actions.house().bounds.check(cents).ok()
    }
}

/// The choice of an amount, with the answer to each preset and to the free amount; nothing when
/// the campaign takes no gift.
///
/// # Errors
/// When the database does not answer.
pub async fn amounts(
    site: &Site,
    slug: &str,
    chosen: &Chosen,
    now: OffsetDateTime,
) -> Result<Option<Amounts>, Failure> {
    let bounds = site.actions.house().bounds;
    let mut asked: Vec<Cents> =
        PRESETS.map(Cents::new).into_iter().filter(|cents| bounds.check(*cents).is_ok()).collect();
    let presets = asked.len();
    asked.extend(chosen.free_cents(site));
    let quotes = match answered(site.actions.quote_gifts(slug, &asked, now).await)? {
        Ok(quotes) => quotes,
        Err(QuoteRefused::Closed) => return Ok(None),
        Err(why) => return Err(refused(why)),
    };
    let mut previews: Vec<Preview> = quotes.iter().map(preview).collect();
    let free_preview = previews.split_off(presets).pop();
    let usual = bounds.check(USUAL).ok();
    Ok(Some(Amounts {
        presets: previews,
        chosen: if chosen.is_free() { None } else { chosen.preset_cents().or(usual) },
        free: chosen.free.clone(),
        free_preview,
        min: bounds.min,
        max: bounds.max,
        at: now.into(),
    }))
}

fn refused(_: QuoteRefused) -> Failure {
    Failure::NotFound
}

/// A quote as pages show it.
#[must_use]
pub fn preview(quote: &Quote) -> Preview {
    let matched = &quote.matched;
    let capped =
        matched.lines.iter().any(|line| matches!(line.reduced_by, Some(WhyNot::DonorCap { .. })));
    Preview {
        amount: quote.amount,
        matched: matched.total,
        cost: quote.tax.as_ref().map(|tax| tax.after_tax_cost),
        lines: matched.lines.clone(),
        not_applied: matched.not_applied.clone(),
        capped_at: capped.then_some(matched.total),
        short: matched.short,
    }
}

/// `/campagnes/{slug}/apercu?montant=3750`, in cents: the block alone, for the page's script.
pub async fn block(
    State(site): State<Site>,
    Path(slug): Path<String>,
    visit: Visit,
) -> Result<Response, Failure> {
    let typed = visit.address.split_once('?').map_or("", |(_, typed)| typed);
    let pairs = query::pairs(typed.as_bytes());
    let typed = pairs.iter().find(|(name, _)| name == "montant").map(|(_, value)| value.as_str());
    let cents = typed.and_then(|typed| typed.parse::<i64>().ok()).map(Cents::new);
    let bounds = site.actions.house().bounds;
    let answer = match cents {
        None => PreviewFragment::Unreadable,
        Some(cents) if bounds.check(cents).is_err() => {
            PreviewFragment::OutOfBounds { min: bounds.min, max: bounds.max }
        }
        Some(cents) => match answered(site.actions.quote_gifts(&slug, &[cents], site.now()).await)?
        {
            Ok(quotes) => quotes
                .first()
                .map_or(PreviewFragment::Closed, |quote| PreviewFragment::Answer(preview(quote))),
            Err(QuoteRefused::Closed) => PreviewFragment::Closed,
            Err(why) => return Err(refused(why)),
        },
    };
    site.fragment(BLOCK, &answer)
}
