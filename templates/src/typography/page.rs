//! Spaces and apostrophes on a finished page, so that templates and the words of project holders
//! are typed with an ordinary keyboard and set alike. Only text and the attributes that are read
//! aloud are touched; code, scripts and what a visitor typed in a field are not.

const NBSP: char = '\u{a0}';
const NARROW: char = '\u{202f}';
/// Elements whose content is left as it is.
const VERBATIM: [&str; 7] = ["code", "pre", "script", "style", "textarea", "kbd", "samp"];
/// Elements that cannot hold `<sup>`.
const PLAIN: [&str; 3] = ["title", "option", "text"];
/// Attributes that are read.
const READ: [&str; 4] = ["aria-label", "alt", "title", "data-fait"];
const UNITS: [&str; 8] = ["km", "h", "kg", "Ko", "Mo", "m²", "m³", "min"];

/// Sets the text of an HTML page or fragment.
#[must_use]
pub fn typeset(html: &str) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 50);
    let mut rest = html;
    let mut before = String::new();
    let mut plain = false;
    while let Some(open) = rest.find('<') {
        set_text(&rest[..open], &mut before, plain, &mut out);
        let (tag, after) = split_tag(&rest[open..]);
        let name = element(tag);
        set_tag(tag, name, &mut out);
        if PLAIN.contains(&name) {
            plain = !tag.starts_with("</");
        }
        rest = after;
        if VERBATIM.contains(&name) && !tag.starts_with("</") {
            let end = closing(after, name);
            out.push_str(&after[..end]);
            rest = &after[end..];
            "x".clone_into(&mut before);
        }
    }
    set_text(rest, &mut before, plain, &mut out);
    out
}

/// The tag at the start of a text and what follows; a `>` inside quotes does not end it.
fn split_tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return text.split_at(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    (text, "")
}

fn element(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    &name[..end]
}

fn closing(text: &str, name: &str) -> usize {
    text.match_indices("</")
        .map(|(at, _)| at)
        .find(|at| text[at + 2..].starts_with(name))
        .unwrap_or(text.len())
}

fn set_tag(tag: &str, name: &str, out: &mut String) {
    let mut rest = tag;
    while let Some(equals) = rest.find("=\"") {
        let (head, tail) = rest.split_at(equals + 2);
        out.push_str(head);
        let end = tail.find('"').unwrap_or(tail.len());
        let attribute = head[..equals].rsplit(char::is_whitespace).next().unwrap_or_default();
        let told = name == "meta" && attribute == "content" && tail[..end].contains(' ');
        if READ.contains(&attribute) || told {
            set_text(&tail[..end], &mut String::new(), true, out);
        } else {
            out.push_str(&tail[..end]);
        }
        rest = &tail[end..];
    }
    out.push_str(rest);
}

/// Sets one run of text. `before` is the word that ends what came before, across tags.
fn set_text(source: &str, before: &mut String, plain: bool, out: &mut String) {
    let mut rest = source;
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        if end > 0 {
            let word = set_word(&rest[..end]);
            before.push_str(&word);
            out.push_str(&if plain { word } else { ordinal(&word) });
            rest = &rest[end..];
        }
        let end = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        if end > 0 {
            let after = &rest[end..];
            let word = &after[..after.find(char::is_whitespace).unwrap_or(after.len())];
            match space_between(before, word) {
                Some(space) => out.push(space),
                None => out.push_str(&rest[..end]),
            }
            before.clear();
            if rest[..end] == *"\u{202f}" {
                before.push('0');
            }
            rest = after;
        }
    }
}

fn set_word(word: &str) -> String {
    if word.contains("://") || word.contains('@') {
        return word.to_owned();
    }
    word.replace("&#x27;", "\u{2019}").replace("&#39;", "\u{2019}").replace('\'', "\u{2019}")
}

/// `1er` with its letters raised.
fn ordinal(word: &str) -> String {
    match word.strip_prefix("1er") {
        Some(rest) if !rest.starts_with(char::is_alphanumeric) => format!("1<sup>er</sup>{rest}"),
        _ => word.to_owned(),
    }
}

/// The space that French wants between two words, when it is a particular one.
fn space_between(before: &str, after: &str) -> Option<char> {
    let first = after.chars().next()?;
    let stands_alone = !after.chars().nth(1).is_some_and(char::is_alphanumeric);
    let digit_before = before.ends_with(|c: char| c.is_ascii_digit());
    let digit_after = first.is_ascii_digit();
    let unit = after.trim_end_matches([',', '.', ')', ';']);
    match first {
        '!' | '?' | ';' if stands_alone => Some(NARROW),
        ':' if stands_alone => Some(NBSP),
        '»' => Some(NBSP),
        '€' | '%' if digit_before || before.is_empty() => Some(NBSP),
        _ if before.ends_with('«') => Some(NBSP),
        _ if digit_after && (before.ends_with("n°") || before.ends_with("N°")) => Some(NBSP),
        _ if digit_after && before == "h" => Some(NBSP),
        _ if digit_before && UNITS.contains(&unit) => Some(NBSP),
        _ if thousands(before, after) => Some(NARROW),
        _ => None,
    }
}

/// True between `18` and `832`, false between `2026` and `300`, or in a telephone number.
fn thousands(before: &str, after: &str) -> bool {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let head = before.trim_start_matches(['(', '+', '−', '«', '\u{a0}']);
    let whole = (1..=3).contains(&head.len()) && digits(head) == head.len();
    whole && !head.starts_with('0') && digits(after) == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_apostrophes_are_french() {
        let cases = [
            ("L'aide : « oui » ?", "L’aide\u{a0}: «\u{a0}oui\u{a0}»\u{202f}?"),
            ("20 €, soit 50 % du n° 7 ;", "20\u{a0}€, soit 50\u{a0}% du n°\u{a0}7\u{202f};"),
            ("à 14 h 36, 38 km plus loin", "à 14\u{a0}h\u{a0}36, 38\u{a0}km plus loin"),
            ("18 832 € en 2026, 01 00 00 00 00", "18\u{202f}832\u{a0}€ en 2026, 01 00 00 00 00"),
            ("en 2026 300 personnes", "en 2026 300 personnes"),
            ("1 234 567 pas", "1\u{202f}234\u{202f}567 pas"),
            ("depuis le 1er, le 11er", "depuis le 1<sup>er</sup>, le 11er"),
        ];
        for (typed, set) in cases {
            assert_eq!(typeset(typed), set);
        }
    }

    #[test]
    fn tags_are_crossed_and_left_alone() {
        assert_eq!(typeset("<b>50</b> % <i>?</i>"), "<b>50</b>\u{a0}% <i>?</i>");
        assert_eq!(
            typeset("<p title=\"d' : a > b\" data-x=\"d' : \">L&#x27;eau</p>"),
            "<p title=\"d’\u{a0}: a > b\" data-x=\"d' : \">L’eau</p>"
        );
        assert_eq!(typeset("<option>le 1er mai</option>"), "<option>le 1er mai</option>");
        let page = "<meta name=\"description\" content=\"Oui : l'eau\"><meta charset=\"utf-8\">";
        assert!(typeset(page).contains("Oui\u{a0}: l’eau"));
    }

    #[test]
    fn code_and_fields_keep_what_was_typed() {
        for html in [
            "<code>a ? b : 'c'</code>",
            "<textarea name=\"m\">Quoi ? L'eau : 10 €</textarea>",
            "<script type=\"application/ld+json\">{\"a\":\"d' ?\"}</script>",
            "<input value=\"Quoi ? L'eau\">",
            "<p>https://a.fr/?q='x'</p>",
        ] {
            assert_eq!(typeset(html), html);
        }
    }
}
