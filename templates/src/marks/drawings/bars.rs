//! A bar of up to three parts. It stretches with its box; its words are beside it, in HTML.

use std::fmt::Write;

use super::length;
use crate::figures::tenths;

const WIDTH: i64 = 1_000;

/// Draws the parts one after the other on a bar of the length of `whole`.
pub fn bar(whole: i64, parts: [i64; 3]) -> String {
    let mut out = String::from(
        "<svg class=\"barre\" viewBox=\"0 0 1000 24\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\" focusable=\"false\">\
         <rect class=\"b-0\" width=\"1000\" height=\"24\"/>",
    );
    let mut before = 0_i64;
    for (class, part) in parts.into_iter().enumerate() {
        let from = tenths(before, whole, WIDTH);
        before = before.saturating_add(part.max(0));
        let to = tenths(before, whole, WIDTH);
        if to > from {
            let _ = write!(
                out,
                "<rect class=\"b-{}\" x=\"{}\" width=\"{}\" height=\"24\"/>",
                class + 1,
                length(from),
                length(to - from)
            );
        }
    }
    out + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_one_another_and_stay_on_the_bar() {
        let drawn = bar(400, [100, 0, 900]);
        assert!(drawn.contains("class=\"b-1\" x=\"0\" width=\"250\""), "{drawn}");
        assert!(!drawn.contains("b-2"), "{drawn}");
        assert!(drawn.contains("class=\"b-3\" x=\"250\" width=\"750\""), "{drawn}");
        assert!(!bar(0, [1, 1, 1]).contains("b-1"));
    }
}
