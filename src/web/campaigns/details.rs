//! What a campaign says for people only: budget lines, needs, milestones, indicators, team.

use domain::Cents;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use templates::{
    pages::{
        campaign::{
            Ancestor, BudgetLine, Indicator, Kinship, Milestone, Need, NeedKind, Person, Sponsor,
        },
        gift::NextStep,
    },
    typography,
};
use time::{Month, OffsetDateTime};

/// The lists of a campaign, each perhaps empty. What is written otherwise than expected is left
/// out, so that a page is never lost for a detail.
#[derive(Clone, Copy, Debug)]
pub struct Details<'a>(pub &'a Value);

#[derive(Deserialize)]
struct BudgetRow {
    libelle: String,
    montant_cents: i64,
    palier: String,
}

#[derive(Deserialize)]
struct NeedRow {
    #[serde(rename = "type")]
    kind: String,
    libelle: String,
    quantite: u64,
    unite: String,
}

#[derive(Deserialize)]
struct MilestoneRow {
    titre: String,
    mois: u32,
}

#[derive(Deserialize)]
struct IndicatorRow {
    libelle: String,
    unite: String,
    cible: u64,
    mesure: Option<u64>,
    methode: Option<String>,
}

#[derive(Deserialize)]
struct AncestorRow {
    titre: String,
    lieu: String,
    annee: u32,
    lien: String,
    slug: Option<String>,
}

#[derive(Deserialize)]
struct SponsorRow {
    nom: String,
    apport: String,
}

#[derive(Deserialize)]
struct PersonRow {
    nom: String,
    role: String,
}

impl Details<'_> {
    fn rows<T: DeserializeOwned>(self, key: &str) -> impl Iterator<Item = T> {
        let rows = self.0[key].as_array().map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter_map(|row| serde_json::from_value(row.clone()).ok())
    }

    /// What the organisation is, in words.
    #[must_use]
    pub fn form(self) -> String {
        self.0["form"].as_str().unwrap_or_default().to_owned()
    }

    /// The budget: lines of the minimum first, as written.
    #[must_use]
    pub fn budget(self) -> Vec<BudgetLine> {
        let line = |row: BudgetRow| {
            let amount = Cents::new(row.montant_cents);
            let minimum = (row.palier == "minimum").then_some(amount);
            BudgetLine { label: row.libelle, minimum, optimum: amount }
        };
        self.rows("budget").map(line).collect()
    }

    /// Help other than money.
    #[must_use]
    pub fn needs(self) -> Vec<Need> {
        let need = |row: NeedRow| {
            let kind = match row.kind.as_str() {
                "compétences" => NeedKind::Skills,
                "matériel" => NeedKind::Equipment,
                "locaux" => NeedKind::Premises,
                _ => NeedKind::Volunteers,
            };
            let quantity = format!("{} {}", row.quantite, row.unite);
            Need { kind, label: row.libelle, quantity }
        };
        self.rows("needs").map(need).collect()
    }

    /// Steps of the work.
    #[must_use]
    pub fn milestones(self) -> Vec<Milestone> {
        let step = |row: MilestoneRow| Milestone { title: row.titre, month: row.mois };
        self.rows("milestones").map(step).collect()
    }

    /// Expected and measured effects.
    #[must_use]
    pub fn indicators(self) -> Vec<Indicator> {
        let effect = |row: IndicatorRow| Indicator {
            label: row.libelle,
            target: row.cible,
            unit: if row.unite == "pourcentage" { "%".to_owned() } else { row.unite },
            measured: row.mesure,
            method: row.methode,
        };
        self.rows("indicators").map(effect).collect()
    }

    /// The family of the project around `itself`: what came before, then what carries it on. Empty
    /// when it has none.
    #[must_use]
    pub fn lineage(self, itself: Ancestor) -> Vec<Ancestor> {
        let relative = |row: AncestorRow| Ancestor {
            link: match row.lien.as_str() {
                "avant" => Kinship::Before,
                "après" => Kinship::After,
                _ => Kinship::Planned,
            },
            title: row.titre,
            place: row.lieu,
            year: row.annee,
            slug: row.slug,
        };
        let mut family: Vec<Ancestor> = self.rows("lineage").map(relative).collect();
        if !family.is_empty() {
            family.push(itself);
        }
        // Stable: relatives of one kind stay as written.
        family.sort_by_key(|one| match one.link {
            Kinship::Before => 0,
            Kinship::Itself => 1,
            Kinship::After => 2,
            Kinship::Planned => 3,
        });
        family
    }

    /// Companies that help.
    #[must_use]
    pub fn sponsors(self) -> Vec<Sponsor> {
        let sponsor = |row: SponsorRow| Sponsor { name: row.nom, brings: row.apport };
        self.rows("sponsors").map(sponsor).collect()
    }

    /// People of the team.
    #[must_use]
    pub fn team(self) -> Vec<Person> {
        let person = |row: PersonRow| Person { name: row.nom, role: row.role };
        self.rows("team").map(person).collect()
    }

    /// The milestones with their dates, counted from the end of the campaign.
    #[must_use]
    pub fn next_steps(self, ends_at: OffsetDateTime) -> Vec<NextStep> {
        let step = |milestone: Milestone| {
            let when = months_after(ends_at, milestone.month);
            NextStep { when: typography::date(when.into()), what: milestone.title }
        };
        self.milestones().into_iter().map(step).collect()
    }
}

/// The same day some months later, or the last of a shorter month.
fn months_after(at: OffsetDateTime, months: u32) -> OffsetDateTime {
    let count = u32::from(u8::from(at.month())) - 1 + months;
    let year = at.year().saturating_add(i32::try_from(count / 12).unwrap_or(0));
    let month = u8::try_from(count % 12 + 1).ok().and_then(|month| Month::try_from(month).ok());
    let month = month.unwrap_or(at.month());
    let day = at.day().min(month.length(year));
    let moved = at.replace_day(1).and_then(|at| at.replace_year(year));
    moved.and_then(|at| at.replace_month(month)).and_then(|at| at.replace_day(day)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_is_written_otherwise_is_left_out() {
        let details = json!({
            "budget": [
                { "libelle": "Bus", "montant_cents": 100, "palier": "minimum" },
                { "libelle": "Hiver", "montant_cents": 50, "palier": "optimum" },
                { "libelle": "sans montant" },
            ],
            "needs": [{ "type": "locaux", "libelle": "Salle", "quantite": 2, "unite": "jours" }],
            "milestones": "rien",
        });
        let details = Details(&details);
        let minimum: Vec<_> = details.budget().into_iter().map(|line| line.minimum).collect();
        assert_eq!(minimum, [Some(Cents::new(100)), None]);
        assert_eq!(details.needs()[0].quantity, "2 jours");
        assert_eq!(details.needs()[0].kind, NeedKind::Premises);
        assert!(details.milestones().is_empty() && details.team().is_empty());
    }

    #[test]
    fn a_family_is_told_from_before_to_after_and_nobody_is_alone_in_one() {
        let itself = Ancestor {
            title: "Nous".to_owned(),
            place: "Nièvre".to_owned(),
            year: 2026,
            link: Kinship::Itself,
            slug: None,
        };
        let details = json!({ "lineage": [
            { "titre": "Bientôt", "lieu": "Yonne", "annee": 2027, "lien": "prévu" },
            { "titre": "D’abord", "lieu": "Aisne", "annee": 2024, "lien": "avant", "slug": "un" },
            { "titre": "Ensuite", "lieu": "Cher", "annee": 2026, "lien": "après" },
        ] });
        let told = Details(&details).lineage(itself.clone());
        let titles: Vec<&str> = told.iter().map(|one| one.title.as_str()).collect();
        assert_eq!(titles, ["D’abord", "Nous", "Ensuite", "Bientôt"]);
        assert_eq!(told[0].slug.as_deref(), Some("un"));
        assert!(Details(&json!({})).lineage(itself).is_empty());
    }

    #[test]
    fn months_are_counted_on_the_calendar() {
        let end = datetime!(2026-11-30 22:59 UTC);
        assert_eq!(months_after(end, 0), end);
        assert_eq!(months_after(end, 3), datetime!(2027-02-28 22:59 UTC));
        assert_eq!(months_after(end, 13), datetime!(2027-12-30 22:59 UTC));
    }
}
