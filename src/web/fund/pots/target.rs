//! The target of money as a form: boxes and codes.

use actions::AskedEarmark;
use domain::{
    campaign::{Category, Stage},
    pot::Origin,
};
use templates::{
    pages::{
        agreements::TargetFields,
        rule_form::{Choice, Fields},
    },
    rule_words,
};

const TICKED: &str = "oui";
/// Codes one after the other: the key of the earmark, the field.
const LISTS: [(&str, &str); 2] = [("territories", "territoires"), ("campaigns", "campagnes")];

/// Boxes: the key of the earmark, the head of the field's name, the codes.
fn boxes() -> [(&'static str, &'static str, Vec<&'static str>); 5] {
    [
        ("categories", "parcours", Category::ALL.iter().map(|one| one.code()).collect()),
        ("stages", "stade", Stage::ALL.iter().map(|one| one.code()).collect()),
        ("publics", "public", rule_words::publics().collect()),
        ("services", "service", rule_words::services().collect()),
        ("axes_rse", "axe", rule_words::axes().collect()),
    ]
}

/// True for a field of a target.
pub fn is_field(name: &str) -> bool {
    let boxed = |(_, head, codes): &(&str, &str, Vec<&str>)| {
        let rest = name.strip_prefix(head).and_then(|rest| rest.strip_prefix('-'));
        rest.is_some_and(|code| codes.contains(&code))
    };
    LISTS.iter().any(|(_, field)| *field == name) || boxes().iter().any(boxed)
}

fn ticked(fields: &Fields, head: &str, code: &str) -> bool {
    fields.get(&format!("{head}-{code}")).is_some_and(|value| value == TICKED)
}

/// What was typed, as an earmark.
pub fn read(fields: &Fields) -> AskedEarmark {
    let mut asked = AskedEarmark::new();
    for (key, field) in LISTS {
        let typed = fields.get(field).map(String::as_str).unwrap_or_default();
        let parts = typed.split(|c: char| c == ',' || c == ';' || c.is_whitespace());
        let upper = |part: &str| match key {
            "territories" => part.to_uppercase(),
            _ => part.to_owned(),
        };
        asked.insert(key, parts.filter(|part| !part.is_empty()).map(upper).collect());
    }
    for (key, head, codes) in boxes() {
        let on = codes.into_iter().filter(|code| ticked(fields, head, code));
        asked.insert(key, on.map(str::to_owned).collect());
    }
    asked
}

/// What was typed, to be shown again.
pub fn shown(fields: &Fields) -> TargetFields {
    let text = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let choices = boxes().map(|(_, head, codes)| {
        let choice = |code: &str| Choice { code: code.to_owned(), on: ticked(fields, head, code) };
        codes.into_iter().map(choice).collect::<Vec<_>>()
    });
    let [categories, stages, publics, services, axes] = choices;
    let (territories, campaigns) = (text("territoires"), text("campagnes"));
    TargetFields { territories, campaigns, categories, stages, publics, services, axes }
}

/// The codes of the origins.
pub fn origins() -> Vec<String> {
    Origin::ALL.iter().map(|one| one.code().to_owned()).collect()
}
