//! A commune, found while one types.
//!
//! Two sorted lists, one of names and one of codes, in which what was typed is a range. A name is
//! listed from each of its words, so "denis" finds Saint-Denis, though after the communes that
//! begin so.

use std::sync::LazyLock;

use super::{Commune, communes};

/// How well a commune answers, best first; then the larger population.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Exact,
    Beginning,
    LaterWord,
}

/// A text and the commune it stands for.
struct Entry {
    text: &'static str,
    begins_name: bool,
    commune: &'static Commune,
}

struct Index {
    names: Vec<Entry>,
    codes: Vec<Entry>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { names: Vec::new(), codes: Vec::new() };
    for commune in communes() {
        let name: &'static str = Box::leak(folded(commune.name).into_boxed_str());
        let later_words = name.match_indices(' ').filter_map(|(at, _)| name.get(at..));
        let words = std::iter::once(name).chain(later_words.map(str::trim_start));
        index.names.extend(words.map(|text| {
            let begins_name = text.len() == name.len();
            Entry { text, begins_name, commune }
        }));
        let codes = std::iter::once(commune.insee).chain(commune.postcodes());
        index.codes.extend(codes.map(|text| Entry { text, begins_name: true, commune }));
    }
    index.names.sort_unstable_by_key(|entry| entry.text);
    index.codes.sort_unstable_by_key(|entry| entry.text);
    index
});

/// Builds the lists, unless they are there.
pub(super) fn prepare() {
    LazyLock::force(&INDEX);
}

/// The communes that answer to what a person has typed so far, best first, at most `limit`.
///
/// A name or the beginning of one, of any of its words, of a postcode or an INSEE code; or several
/// of these together: `saint-ét`, `42000`, `42218`, `Saint-Denis 974`, `93200 st denis`. Accents,
/// hyphens, apostrophes and capitals do not count, and `st`, `ste` read as `saint`, `sainte`. Exact
/// answers come first, then names that begin so, then names with such a word, each by falling
/// population.
#[must_use]
pub fn find(text: &str, limit: usize) -> Vec<&'static Commune> {
    let typed = folded(text);
    let (codes, words): (Vec<&str>, Vec<&str>) = typed.split(' ').partition(|word| is_code(word));
    let name = words.join(" ");
    let mut best = Best { limit, found: Vec::new() };
    if name.is_empty() {
        let (Some(first), filters) = (codes.first(), codes.get(1..).unwrap_or_default()) else {
            return Vec::new();
        };
        best.look(&INDEX.codes, &first.to_ascii_uppercase(), filters);
    } else {
        best.look(&INDEX.names, &name, &codes);
        if let Some(abbreviated) = unexpanded(text, &name) {
            best.look(&INDEX.names, &abbreviated, &codes);
        }
    }
    best.found.into_iter().map(|(_, _, commune)| commune).collect()
}

/// A text as it is compared: small letters without accents, one space between words, `st` and `ste`
/// written out.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => plain.push(letter),
            'à' | 'á' | 'â' | 'ä' | 'ã' => plain.push('a'),
            'ç' => plain.push('c'),
            'è' | 'é' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ñ' => plain.push('n'),
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => plain.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => plain.push('u'),
            'ý' | 'ÿ' => plain.push('y'),
            'œ' => plain.push_str("oe"),
            'æ' => plain.push_str("ae"),
            '\u{300}'..='\u{36f}' => {}
            _ => plain.push(' '),
        }
    }
    let mut words = String::with_capacity(plain.len());
    for word in plain.split_ascii_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(match word {
            "st" => "saint",
            "ste" => "sainte",
            other => other,
        });
    }
    words
}

/// `st` may also be the beginning of Strasbourg: the last word as typed, while it may still grow.
fn unexpanded(text: &str, name: &str) -> Option<String> {
    if !text.ends_with(|last: char| last.is_ascii_alphabetic()) {
        return None;
    }
    let last = text.rsplit(|letter: char| !letter.is_alphabetic()).next()?.to_lowercase();
    let written_out = match last.as_str() {
        "st" => "saint",
        "ste" => "sainte",
        _ => return None,
    };
    Some(format!("{}{last}", name.strip_suffix(written_out)?))
}

/// A postcode, an INSEE code or a département, or the beginning of one.
fn is_code(word: &str) -> bool {
    let rest = word.strip_prefix("2a").or_else(|| word.strip_prefix("2b")).unwrap_or(word);
    !word.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
}

fn has_code(commune: &Commune, code: &str) -> bool {
    commune.departement.eq_ignore_ascii_case(code)
        || (code.len() > 3 && commune.insee.eq_ignore_ascii_case(code))
        || (code.len() > 3 && commune.postcodes().any(|postcode| postcode.starts_with(code)))
}

/// The best answers so far, in order.
struct Best {
    limit: usize,
    found: Vec<(Closeness, u32, &'static Commune)>,
}

impl Best {
    fn look(&mut self, entries: &'static [Entry], beginning: &str, codes: &[&str]) {
        let from = entries.partition_point(|entry| entry.text < beginning);
        for entry in entries.iter().skip(from) {
            if !entry.text.starts_with(beginning) {
                break;
            }
            if codes.iter().all(|code| has_code(entry.commune, code)) {
                let closeness = match (entry.text.len() == beginning.len(), entry.begins_name) {
                    (true, true) => Closeness::Exact,
                    (false, true) => Closeness::Beginning,
                    (_, false) => Closeness::LaterWord,
                };
                self.offer(closeness, entry.commune);
            }
        }
    }

    fn offer(&mut self, closeness: Closeness, commune: &'static Commune) {
        let key = (closeness, u32::MAX.saturating_sub(commune.population));
        let full = self.found.len() >= self.limit;
        if full && self.found.last().is_none_or(|last| (last.0, last.1) <= key) {
            return;
        }
        if let Some(same) = self.found.iter().position(|(.., other)| other.insee == commune.insee) {
            if self.found.get(same).is_some_and(|known| (known.0, known.1) <= key) {
                return;
            }
            self.found.remove(same);
        }
        let at = self.found.partition_point(|known| {
            (known.0, known.1, known.2.insee) < (key.0, key.1, commune.insee)
        });
        self.found.insert(at, (key.0, key.1, commune));
        self.found.truncate(self.limit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, limit: usize) -> Vec<&'static str> {
        find(text, limit).into_iter().map(|commune| commune.name).collect()
    }

    #[test]
    fn a_name_is_found_from_its_beginning_without_accents_or_hyphens() {
        for typed in
            ["saint-ét", "SAINT ET", "st-et", "St Étienne", "  saint  etienne ", "st etienne"]
        {
            assert_eq!(names(typed, 1), ["Saint-Étienne"], "{typed}");
        }
        assert_eq!(names("l'hay", 1), ["L'Haÿ-les-Roses"]);
        assert_eq!(names("l’hay les ro", 1), ["L'Haÿ-les-Roses"]);
        assert_eq!(names("ste marie 974", 1), ["Sainte-Marie"]);
        assert_eq!(names("oeuilly", 2).len(), 2);
        assert_eq!(names("guéret", 1), ["Guéret"]);
        assert_eq!(names("gue\u{301}ret", 1), ["Guéret"]);
    }

    #[test]
    fn postcodes_and_insee_codes_are_found_too() {
        assert_eq!(names("42000", 5), ["Saint-Étienne"]);
        assert_eq!(names("42218", 5), ["Saint-Étienne"]);
        assert_eq!(names("23", 1), ["Guéret"]);
        assert_eq!(names("2a004", 5), ["Ajaccio"]);
        assert_eq!(find("97400", 1)[0].insee, "97411");
    }

    #[test]
    fn a_code_beside_a_name_narrows_it() {
        assert_eq!(find("Saint-Denis 974", 1)[0].insee, "97411");
        assert_eq!(find("93200 st denis", 1)[0].insee, "93066");
        assert_eq!(find("saint-denis (30)", 1)[0].insee, "30247");
    }

    #[test]
    fn the_best_answer_comes_first() {
        assert_eq!(names("paris", 2)[0], "Paris");
        let guesses = names("st", 30);
        assert!(guesses.contains(&"Strasbourg") && guesses.contains(&"Saint-Denis"), "{guesses:?}");
        let denis = find("saint-denis", 3);
        assert!(denis[0].population > denis[1].population);
        let later = names("roses", 3);
        assert_eq!(later[0], "L'Haÿ-les-Roses");
    }

    #[test]
    fn the_limit_holds_and_nothing_comes_twice() {
        for typed in ["s", "saint", "la", "l", "1", "42"] {
            let found = find(typed, 50);
            assert_eq!(found.len(), 50, "{typed}");
            let mut codes: Vec<_> = found.iter().map(|commune| commune.insee).collect();
            codes.sort_unstable();
            codes.dedup();
            assert_eq!(codes.len(), 50, "{typed}");
        }
        assert!(find("paris", 0).is_empty());
    }

    #[test]
    fn nonsense_finds_nothing() {
        for typed in
            ["", "  ", "-", "zzzz", "999999", "saint-étienne-de-nulle-part", "paris 42", "🐝"]
        {
            assert!(find(typed, 5).is_empty(), "{typed}");
        }
    }
}
