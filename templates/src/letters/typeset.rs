//! French typography on finished text: no-break spaces and curly apostrophes.

const NBSP: char = '\u{a0}';
const NARROW: char = '\u{202f}';

/// Sets plain text. Words that hold an address (`://`, `@`) are left alone.
pub fn text(source: &str) -> String {
    source.split_inclusive('\n').map(line).collect()
}

/// Sets the text of an HTML document, outside tags and the style sheet.
pub fn html(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    let mut in_style = false;
    while let Some(open) = rest.find('<') {
        let (before, from_tag) = rest.split_at(open);
        out.push_str(&set(before, in_style));
        let end = from_tag.find('>').map_or(from_tag.len(), |end| end + 1);
        let (tag, after) = from_tag.split_at(end);
        in_style = tag.starts_with("<style") || (in_style && !tag.starts_with("</style"));
        out.push_str(tag);
        rest = after;
    }
    out.push_str(&set(rest, in_style));
    out
}

fn set(words: &str, verbatim: bool) -> String {
    if verbatim { words.to_owned() } else { text(&words.replace("&#x27;", "'")) }
}

fn line(source: &str) -> String {
    let words: Vec<&str> = source.split(' ').collect();
    let mut out = String::with_capacity(source.len() + 8);
    for (place, word) in words.iter().enumerate() {
        if place > 0 {
            let before = words[place - 1];
            out.push(space_between(before, word));
        }
        if word.contains("://") || word.contains('@') {
            out.push_str(word);
        } else {
            out.push_str(&word.replace('\'', "\u{2019}"));
        }
    }
    out
}

fn space_between(before: &str, after: &str) -> char {
    let digit_before = before.chars().last().is_some_and(|c| c.is_ascii_digit());
    match after.trim_end_matches(['\n', ',', '.', ')']).chars().next() {
        Some('!' | '?' | ';') => NARROW,
        Some(':' | '»') => NBSP,
        Some('€' | '%') if digit_before => NBSP,
        _ if before.ends_with('«') || before.ends_with("n°") => NBSP,
        _ => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_apostrophes_are_french() {
        assert_eq!(text("L'aide : « oui » ?"), "L\u{2019}aide\u{a0}: «\u{a0}oui\u{a0}»\u{202f}?");
        assert_eq!(
            text("20 €, soit 50 % du n° 7 ;"),
            "20\u{a0}€, soit 50\u{a0}% du n°\u{a0}7\u{202f};"
        );
        assert_eq!(text("voir https://a.fr/?q='x' !"), "voir https://a.fr/?q='x'\u{202f}!");
    }

    #[test]
    fn tags_and_style_are_left_alone() {
        let source = "<style>a{b:'c' !important}</style><p title='d ?'>L&#x27;eau ?</p>";
        let expected = "<style>a{b:'c' !important}</style><p title='d ?'>L\u{2019}eau\u{202f}?</p>";
        assert_eq!(html(source), expected);
    }
}
