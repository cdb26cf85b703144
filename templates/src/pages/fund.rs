//! The operator's space: `/fonds`.

use domain::{Cents, UtcSeconds, pot::Origin};
use serde::Serialize;
use serde_json::Value;

use super::{
    Page,
    rehearsal::{RehearsalForm, TrialForm},
    rule_form::{BonusFields, Choice, FieldFault, Fields},
    samples,
};
use crate::layout::Nav;

/// The pots and who filled them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fund {
    /// Brought, in cents.
    pub contributed: Cents,
    /// Promised to gifts that were captured.
    pub committed: Cents,
    /// Kept for payments under way.
    pub reserved: Cents,
    /// What can still be added.
    pub available: Cents,
    /// Match in basis points of what was given since `since`; nothing without gifts.
    pub leverage_bp: Option<i64>,
    /// Since when gifts are counted.
    pub since: UtcSeconds,
    /// Discrepancies that are open.
    pub discrepancies: u64,
    /// Drafts that wait for an approval.
    pub submitted: u64,
    /// Pots, in the order in which they answer.
    pub pots: Vec<FundPot>,
    /// Who contributed.
    pub contributors: Vec<Contributor>,
}

/// A pot as its operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FundPot {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who funds it.
    pub funders: Vec<Origin>,
    /// Brought.
    pub contributed: Cents,
    /// Promised.
    pub committed: Cents,
    /// Promised, in basis points of what was brought.
    pub share_bp: i64,
}

/// Who contributed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contributor {
    /// Their number.
    pub number: Option<i64>,
    /// Their name.
    pub name: String,
    /// What kind.
    pub origin: Origin,
    /// Brought.
    pub contributed: Cents,
    /// Promised to gifts.
    pub committed: Cents,
}

/// The rules in force and those that are being written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleBook {
    /// One may write.
    pub writes: bool,
    /// Published versions that hold or will.
    pub rules: Vec<BookedRule>,
    /// Drafts, the newest first.
    pub drafts: Vec<DraftLine>,
    /// Pots that a new rule may give from: id, name.
    pub pots: Vec<(String, String)>,
    /// The name in the form, as typed.
    pub name: String,
    /// What was done or went wrong.
    pub notice: Option<RuleNotice>,
}

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookedRule {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// Its name for people.
    pub label: String,
    /// Name of its pot.
    pub pot: String,
    /// What it says.
    pub sentences: Vec<String>,
    /// From when it holds.
    pub from: UtcSeconds,
    /// It begins later.
    pub later: bool,
    /// Its draft, when one is open.
    pub draft: Option<i64>,
}

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DraftLine {
    /// Its number.
    pub number: i64,
    /// The rule.
    pub rule: String,
    /// State code.
    pub state: String,
    /// Address of who changed it last.
    pub by: String,
    /// When.
    pub at: UtcSeconds,
}

/// The editor of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleEditor {
    /// Number of the draft.
    pub number: i64,
    /// The rule.
    pub rule: String,
    /// The version that it will be.
    pub version: i64,
    /// Name of its pot.
    pub pot: String,
    /// State code.
    pub state: String,
    /// Address of who began it.
    pub begun_by: String,
    /// Address of who changed it last.
    pub changed_by: String,
    /// When.
    pub changed_at: UtcSeconds,
    /// Why it was refused.
    pub reason: Option<String>,
    /// One may write.
    pub writes: bool,
    /// One may approve: it is submitted, and somebody else wrote it.
    pub decides: bool,
    /// A rehearsal of it as it is has ended well.
    pub rehearsed: bool,
    /// The fields.
    pub fields: Fields,
    /// The rows of multipliers.
    pub bonuses: Vec<BonusFields>,
    /// The boxes of the publics.
    pub publics: Vec<Choice>,
    /// Fields that cannot be read.
    pub faults: Vec<FieldFault>,
    /// What it will say.
    pub sentences: Vec<String>,
    /// What the version before says.
    pub before: Vec<String>,
    /// Its version.
    pub before_version: Option<i64>,
    /// Fields whose text changes: field, before, after.
    pub changes: Vec<(String, String, String)>,
    /// What keeps it from being published, and what is worth knowing.
    pub findings: Vec<Found>,
    /// The document, for experts.
    pub json: String,
    /// Rehearsals, the newest first.
    pub rehearsals: Vec<RehearsalLine>,
    /// What a rehearsal may be asked.
    pub rehearsal_form: RehearsalForm,
    /// A gift that is tried.
    pub trial: TrialForm,
    /// The reason of a refusal, as typed.
    pub typed_reason: String,
    /// What was done or went wrong.
    pub notice: Option<RuleNotice>,
}

/// Something found in a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// It keeps the rule from being published.
    pub refuses: bool,
    /// What, as the checks say it.
    pub what: Value,
}

/// A rehearsal in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RehearsalLine {
    /// Its id.
    pub id: String,
    /// When it was asked for.
    pub at: UtcSeconds,
    /// In hundredths.
    pub progress: i32,
    /// It ended.
    pub ended: bool,
    /// Nothing came of it.
    pub failed: bool,
    /// It is of the draft as it is now.
    pub current: bool,
    /// Gifts of an invented year; none when the past was played.
    pub year_gifts: Option<i64>,
}

/// What was done to a rule or went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RuleNotice {
    /// Saved.
    Saved,
    /// Submitted.
    Submitted,
    /// Published as this version.
    Published {
        /// The version.
        version: i64,
    },
    /// Refused or withdrawn.
    Ended,
    /// Not with this role.
    NotAllowed,
    /// The proof is more than an hour old.
    ProveFirst,
    /// Unknown, or it changed meanwhile.
    Unknown,
    /// A reason is asked for.
    Reason,
    /// Who wrote it does not approve it.
    OwnDraft,
    /// Another draft of this rule is open.
    OpenAlready {
        /// Its number.
        number: i64,
    },
    /// Not a name.
    Name,
    /// The document is no rule.
    Unreadable {
        /// What the reader says.
        problem: String,
    },
    /// Some fields cannot be read.
    Faults,
    /// It does not pass the checks.
    Findings,
    /// Another rehearsal of the pot is under way.
    Rehearsing {
        /// Its id.
        id: String,
    },
    /// These rules cannot be compared.
    Beside,
    /// An invented year has from one gift to a million.
    Year,
    /// The form was open too long.
    FormExpired,
}

macro_rules! page {
    ($page:ty, $template:literal, $samples:path, |$self:ident| $title:expr) => {
        impl Page for $page {
            const TEMPLATE: &'static str = $template;

            fn title(&self) -> String {
                let $self = self;
                $title
            }

            fn nav(&self) -> Nav {
                Nav::Space
            }

            fn samples() -> Vec<(&'static str, Self)> {
                $samples()
            }
        }
    };
}

pub(super) use page;

page!(Fund, "fund", samples::funds, |_page| String::from("Pilotage du fonds"));
page!(RuleBook, "rule_book", samples::rule_books, |_page| String::from("Règles du fonds"));
page!(RuleEditor, "rule_editor", samples::rule_editors, |page| format!(
    "Brouillon nᵒ {}",
    page.number
));
