//! A département in a sentence: « en Creuse », « la Creuse ».

use domain::place;

/// What comes before its name: where, then what it is.
fn words(code: &str) -> (&'static str, &'static str) {
    match code {
        "01" | "02" | "03" | "10" | "11" | "12" | "27" | "34" | "36" | "60" | "61" | "89"
        | "91" => ("dans l’", "l’"),
        "04" | "05" | "06" | "08" | "13" | "22" | "40" | "64" | "65" | "66" | "78" | "79"
        | "88" | "92" => ("dans les ", "les "),
        "14" | "15" | "18" | "25" | "29" | "30" | "32" | "39" | "41" | "45" | "46" | "47"
        | "49" | "56" | "59" | "62" | "63" | "67" | "68" | "69" | "81" | "82" | "83" | "84"
        | "90" | "94" | "95" => ("dans le ", "le "),
        "26" | "42" | "50" | "51" | "55" | "58" | "72" | "80" | "86" => ("dans la ", "la "),
        "07" | "09" | "28" | "35" | "37" | "38" => ("en ", "l’"),
        "75" | "974" | "976" => ("à ", ""),
        _ => ("en ", "la "),
    }
}

/// « en Creuse », « dans l’Aisne », « à La Réunion »; nothing for a code that does not exist.
#[must_use]
pub fn within(code: &str) -> Option<String> {
    let departement = place::departement(code)?;
    Some(format!("{}{}", words(code).0, departement.name.replace('\'', "’")))
}

/// « la Creuse », « l’Aisne », « La Réunion »; nothing for a code that does not exist.
#[must_use]
pub fn with_article(code: &str) -> Option<String> {
    let departement = place::departement(code)?;
    Some(format!("{}{}", words(code).1, departement.name.replace('\'', "’")))
}

/// The same at the head of a sentence: « La Creuse ».
#[must_use]
pub fn sentence_start(code: &str) -> Option<String> {
    let named = with_article(code)?;
    let mut letters = named.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

/// The same as [`within`], for a name instead of a code.
pub(crate) fn within_named(name: &str) -> Option<String> {
    let plain = |text: &str| text.replace('’', "'");
    let found = place::departements().iter().find(|one| plain(one.name) == plain(name))?;
    within(found.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departements_stand_in_sentences() {
        for (code, where_, what) in [
            ("23", "en Creuse", "la Creuse"),
            ("02", "dans l’Aisne", "l’Aisne"),
            ("07", "en Ardèche", "l’Ardèche"),
            ("08", "dans les Ardennes", "les Ardennes"),
            ("15", "dans le Cantal", "le Cantal"),
            ("26", "dans la Drôme", "la Drôme"),
            ("2A", "en Corse-du-Sud", "la Corse-du-Sud"),
            ("75", "à Paris", "Paris"),
            ("974", "à La Réunion", "La Réunion"),
            ("976", "à Mayotte", "Mayotte"),
        ] {
            assert_eq!(within(code).unwrap(), where_);
            assert_eq!(with_article(code).unwrap(), what);
        }
        assert_eq!(sentence_start("02").unwrap(), "L’Aisne");
        assert_eq!(within("99"), None);
    }

    #[test]
    fn a_name_that_begins_with_a_vowel_is_elided() {
        for departement in place::departements() {
            let vowel = departement.name.starts_with(['A', 'E', 'I', 'O', 'Y', 'É', 'Î']);
            let plural = words(departement.code).1 == "les ";
            let elided = with_article(departement.code).unwrap().starts_with("l’");
            let herault = departement.code == "34";
            assert_eq!(elided, (vowel && !plural) || herault, "{}", departement.name);
            assert_eq!(within_named(departement.name), within(departement.code));
        }
    }
}
