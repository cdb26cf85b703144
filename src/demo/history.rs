//! Sixty days of past, made through the same verbs with a turned clock, from one seed.

use std::collections::BTreeMap;

use actions::{Actions, BeginGift, Client, DonorDetails, NewUpdate, Stop, Task};
use anyhow::{Context, anyhow};
use domain::{Cents, gift::PaymentMethod, ids::GiftId};
use futures_util::{FutureExt, TryStreamExt, stream};
use jobs::{Kinds, Pool};
use payments::sandbox::{Outcome, Sandbox};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use time::{Duration, OffsetDateTime};
use uuid::{Builder, Uuid};

use super::{catalogue::Staged, people};

/// How far the past goes back.
const DAYS: i64 = 60;

/// Gifts that are made side by side.
const AT_ONCE: usize = 12;

/// Amounts in euros and how often they are given; the mean is near 90 €.
const AMOUNTS: [(i64, u32); 9] =
    [(10, 4), (20, 14), (30, 10), (50, 25), (80, 8), (100, 24), (150, 5), (200, 6), (500, 4)];

const NEWS: [(&str, &str); 4] = [
    (
        "Les premières permanences sont ouvertes",
        "Grâce à vous, **trois permanences** accueillent déjà du public. Les personnes viennent \
         surtout pour une démarche de retraite ou de santé.",
    ),
    (
        "Le matériel est arrivé",
        "Les ordinateurs et les tablettes ont été livrés cette semaine. Deux bénévoles les \
         préparent avant les ateliers.",
    ),
    (
        "Une médiatrice nous rejoint",
        "Nous avons recruté notre médiatrice. Elle commence le mois prochain et rencontrera les \
         partenaires du territoire.",
    ),
    (
        "Ce que nous apprend le premier mois",
        "La moitié des personnes reviennent une seconde fois, souvent avec un proche. Nous ouvrons \
         un créneau de plus le samedi matin.",
    ),
];

/// Something that happened.
enum Fact {
    Gift(Box<PlannedGift>),
    Settle {
        gift: Uuid,
        success: bool,
    },
    Refund {
        gift: Uuid,
    },
    News {
        id: Uuid,
        slug: String,
        text: usize,
    },
    /// End of a day: what is due is done, campaigns that ended are closed.
    Evening,
}

struct PlannedGift {
    id: Uuid,
    slug: String,
    amount: Cents,
    method: PaymentMethod,
    declined: bool,
    donor: DonorDetails,
}

/// The past, in order.
pub struct Plan {
    facts: BTreeMap<(OffsetDateTime, u32), Fact>,
    /// Gifts in it.
    pub gifts: usize,
}

impl Plan {
    fn add(&mut self, at: OffsetDateTime, fact: Fact) {
        let rank = u32::try_from(self.facts.len()).unwrap_or(u32::MAX);
        self.facts.insert((at, rank), fact);
    }
}

/// Plans the past of every campaign up to `now`; the same seed and day give the same plan.
///
/// # Errors
/// When the fund cannot be asked what it would add.
pub async fn plan(
    actions: &Actions,
    staged: &[Staged],
    seed: u64,
    now: OffsetDateTime,
) -> anyhow::Result<Plan> {
    let mut plan = Plan { facts: BTreeMap::new(), gifts: 0 };
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    for campaign in staged {
        plan_campaign(actions, &mut plan, campaign, &mut chance, now).await?;
    }
    for day in 0..DAYS {
        let evening = now - Duration::days(day) - Duration::minutes(1);
        plan.add(evening, Fact::Evening);
    }
    Ok(plan)
}

async fn plan_campaign(
    actions: &Actions,
    plan: &mut Plan,
    staged: &Staged,
    chance: &mut ChaCha8Rng,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let campaign = &staged.new.campaign;
    let begin = campaign.starts_at.max(now - Duration::days(DAYS)) + Duration::hours(8);
    let end = campaign.ends_at.min(now - Duration::minutes(30)) - Duration::hours(1);
    if begin >= end {
        return Ok(());
    }
    let matched = matched_for(actions, campaign.slug.as_str(), begin).await?;
    let target = campaign.goal_cents / 10_000 * staged.target_share_bps;
    let mut gathered = 0;
    let span = (end - begin).whole_seconds();
    while gathered < target {
        let (amount, matched) = *pick(&matched, chance)?;
        gathered += amount + matched;
        // More gifts towards the end, as everywhere.
        let share: f64 = chance.random::<f64>().max(chance.random::<f64>());
        let at = begin + Duration::seconds_f64(Duration::seconds(span).as_seconds_f64() * share);
        plan_gift(plan, &campaign.slug, Cents::new(amount), chance, (at, now));
    }
    if gathered > 0 && campaign.closed_at.is_none() {
        let text = chance.random_range(0..NEWS.len());
        let (id, slug) = (fresh(chance), campaign.slug.clone());
        plan.add(begin + Duration::seconds(span / 2), Fact::News { id, slug, text });
    }
    Ok(())
}

/// Each amount with its match and how often it is given.
async fn matched_for(
    actions: &Actions,
    slug: &str,
    at: OffsetDateTime,
) -> anyhow::Result<Vec<((i64, i64), u32)>> {
    let amounts: Vec<Cents> = AMOUNTS.iter().map(|(euros, _)| Cents::new(euros * 100)).collect();
    let quotes =
        actions.quote_gifts(slug, &amounts, at).await.map_err(|stop| anyhow!("{stop:?}"))?;
    let pairs = quotes.iter().zip(AMOUNTS);
    Ok(pairs
        .map(|(quote, (_, often))| ((quote.amount.get(), quote.matched.total.get()), often))
        .collect())
}

fn pick<'a>(
    amounts: &'a [((i64, i64), u32)],
    chance: &mut ChaCha8Rng,
) -> anyhow::Result<&'a (i64, i64)> {
    amounts
        .choose_weighted(chance, |(_, often)| *often)
        .map(|(pair, _)| pair)
        .context("the amounts of the demonstration")
}

/// An id from the seed, so that a past begun twice is one past.
fn fresh(chance: &mut ChaCha8Rng) -> Uuid {
    Builder::from_random_bytes(chance.random()).into_uuid()
}

fn plan_gift(
    plan: &mut Plan,
    slug: &str,
    amount: Cents,
    chance: &mut ChaCha8Rng,
    (at, now): (OffsetDateTime, OffsetDateTime),
) {
    let id = fresh(chance);
    let sepa = chance.random_ratio(12, 100);
    let declined = !sepa && chance.random_ratio(2, 100);
    let method = if sepa { PaymentMethod::SepaDebit } else { PaymentMethod::Card };
    let donor = people::donor(chance);
    let slug = slug.to_owned();
    plan.gifts += 1;
    let gift = PlannedGift { id, slug, amount, method, declined, donor };
    plan.add(at, Fact::Gift(Box::new(gift)));
    let settled = at + Duration::days(4);
    if sepa && settled < now {
        plan.add(settled, Fact::Settle { gift: id, success: !chance.random_ratio(4, 100) });
    }
    let refunded = at + Duration::hours(chance.random_range(5..70));
    if !sepa && !declined && refunded < now && chance.random_ratio(15, 1_000) {
        plan.add(refunded, Fact::Refund { gift: id });
    }
}

/// Who plays the past.
#[derive(Clone)]
pub struct Player {
    /// Verbs of the past.
    pub actions: Actions,
    /// The provider, in process.
    pub sandbox: Sandbox,
    /// Where jobs wait.
    pub pool: Pool,
}

impl Player {
    /// Plays a plan; `tell` hears how many facts are done and how many there are.
    ///
    /// # Errors
    /// When a verb is broken: a past that cannot be played is a mistake of ours.
    pub async fn play(&self, plan: Plan, tell: impl Fn(usize, usize)) -> anyhow::Result<()> {
        let total = plan.facts.len();
        let mut gifts: Vec<PlannedGift> = Vec::new();
        for (done, ((at, _), fact)) in plan.facts.into_iter().enumerate() {
            let fact = match fact {
                Fact::Gift(gift) => {
                    gifts.push(*gift);
                    if gifts.len() < AT_ONCE {
                        continue;
                    }
                    None
                }
                other => Some(other),
            };
            self.sandbox.set_now(Some(at));
            self.give(std::mem::take(&mut gifts), at).await?;
            if let Some(fact) = fact {
                self.happen(fact, at).await?;
            }
            tell(done + 1, total);
        }
        self.sandbox.set_now(None);
        Ok(())
    }

    async fn happen(&self, fact: Fact, at: OffsetDateTime) -> anyhow::Result<()> {
        match fact {
            Fact::Gift(gift) => self.give(vec![*gift], at).await,
            Fact::Settle { gift, success } => {
                if let Some(session) = self.session(gift).await? {
                    if self.sandbox.settle_debit(&session, success).is_err() {
                        tracing::debug!(gift.id = %gift, "this debit has its outcome already");
                    }
                    self.deliver(at).await?;
                }
                Ok(())
            }
            Fact::Refund { gift } => self.refund(gift, at).await,
            Fact::News { id, slug, text } => {
                let (title, body) = NEWS[text];
                let update = NewUpdate { id, slug, title: title.to_owned(), body: body.to_owned() };
                self.actions.publish_update(&update, at).await?;
                self.work(at).await
            }
            Fact::Evening => {
                self.actions.close_what_ended(at).await?;
                self.actions.close_rounds(at).await?;
                self.deliver(at).await
            }
        }
    }

    /// Some gifts of the same hour, side by side, then what follows from them.
    async fn give(&self, gifts: Vec<PlannedGift>, at: OffsetDateTime) -> anyhow::Result<()> {
        if gifts.is_empty() {
            return Ok(());
        }
        side_by_side(gifts, |gift| {
            let player = self.clone();
            async move { player.begin(gift, at).await }
        })
        .await?;
        self.deliver(at).await
    }

    async fn begin(&self, gift: PlannedGift, at: OffsetDateTime) -> anyhow::Result<()> {
        let ask = BeginGift {
            gift: GiftId::new(gift.id),
            slug: gift.slug,
            amount: gift.amount,
            method: gift.method,
            donor: gift.donor,
            again: true,
            client: Client { address: String::new(), flow: String::new(), shared: false },
        };
        let began = match self.actions.begin_gift(&ask, at).await {
            Ok(began) => began,
            Err(Stop::Refused(_)) => return Ok(()),
            Err(stop) => return Err(anyhow!("a gift of the past: {stop:?}")),
        };
        if began.checkout_url.is_none() {
            // Paid before the process was stopped.
            return Ok(());
        }
        let session = self.session(gift.id).await?.context("a gift without a checkout")?;
        let outcome = match (gift.method, gift.declined) {
            (PaymentMethod::SepaDebit, _) => Outcome::SepaProcessing,
            (PaymentMethod::Card, true) => Outcome::Decline,
            (PaymentMethod::Card, false) => Outcome::Pay,
        };
        self.sandbox.pay(&session, &outcome)?;
        Ok(())
    }

    async fn refund(&self, gift: Uuid, at: OffsetDateTime) -> anyhow::Result<()> {
        let Some(token) = self.actions.token_of(GiftId::new(gift)).await? else { return Ok(()) };
        match self.actions.ask_refund(&token, at).await {
            Ok(_) | Err(Stop::Refused(_)) => {}
            Err(stop) => return Err(anyhow!("a refund of the past: {stop:?}")),
        }
        self.work(at).await?;
        self.deliver(at).await
    }

    async fn session(&self, gift: Uuid) -> anyhow::Result<Option<String>> {
        self.actions.session_of(GiftId::new(gift)).await
    }

    /// The provider's events arrive, and what follows is done.
    async fn deliver(&self, at: OffsetDateTime) -> anyhow::Result<()> {
        side_by_side(self.sandbox.take_events(), |(_, body)| {
            let actions = self.actions.clone();
            async move { actions.take_listed_event(&body, at).await }
        })
        .await?;
        self.work(at).await
    }

    async fn work(&self, at: OffsetDateTime) -> anyhow::Result<()> {
        let actions = self.actions.clone();
        let kinds = Kinds::OneOf(Task::past_kinds());
        let done = jobs::drain_kinds(&self.pool, at, (&kinds, AT_ONCE), move |claim| {
            let actions = actions.clone();
            let done = tokio::spawn(async move { workers::handle(&actions, claim, at).await });
            async move { done.await.map_err(jobs::Broken::new)? }
        })
        .await?;
        anyhow::ensure!(done.parked == 0, "a job of the past was parked");
        Ok(())
    }
}

/// Does the same with each, a few at once, on all cores.
async fn side_by_side<T, F>(all: Vec<T>, act: impl Fn(T) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let acts = all.into_iter().map(|one| Ok(tokio::spawn(act(one)).map(|ended| ended?)));
    stream::iter(acts).try_buffer_unordered(AT_ONCE).try_collect().await
}
