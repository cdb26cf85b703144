//! One of each state of each page: invented structures and people, amounts that balance.

mod campaign;
mod desk;
mod doors;
mod fund;
mod gift;
mod give;
mod identities;
mod lists;
mod lookup;
mod money;
mod need;
mod organisation;
mod others;
mod own_data;
mod papers;
mod pots;
mod rehearsal;
mod seals;
mod trail;

use domain::{Cents, UtcSeconds, people::PostalAddress};

pub use campaign::campaigns;
pub use desk::{desks, teams};
pub use doors::{passkeys, sent_sign_ins, sessions, sign_in_links, sign_ins, spaces};
pub use fund::{funds, rule_books, rule_editors};
pub use gift::gifts;
pub use give::{gifts_to_confirm, gives, payments_refused};
pub use identities::{identities, onwards};
pub use lists::{home, lists};
pub use lookup::{look_ups, organisation_cards, person_cards};
pub use money::{rules, transparency};
pub use need::{need_pages, needs};
pub use organisation::{members, organisations};
pub use others::{demo_letters, follows, mailboxes, refusals};
pub use own_data::{answers_of_address, changes_of_address, erased, erasures};
pub use papers::{matches, receipt_checks, receipts};
pub use pots::{agreements, new_agreements, new_orders, orders, pot_pages, pots, statements};
pub use rehearsal::rehearsals;
pub use seals::{ledgers, seal_days};
pub use trail::{settings, trails};

/// 22 November 2026, 14 h 34 in Paris.
const NOW: UtcSeconds = UtcSeconds::new(1_795_354_440);
const DAY: i64 = 86_400;

const fn eur(euros: i64) -> Cents {
    Cents::new(euros * 100)
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn gueret() -> PostalAddress {
    PostalAddress {
        line: text("4, place du Marché"),
        postcode: text("23000"),
        city: text("Guéret"),
        country: text("FR"),
    }
}
