//! Where a project comes from and who carries it on: before, itself, after, from left to right.

use std::fmt::Write;

use serde_json::Value;

const ROW: i64 = 125;
/// Room for the words below the lowest shape.
const FOOT: i64 = 40;

/// Draws the family of a project; nothing when `ancestors` holds something else.
pub fn draw(ancestors: &[Value]) -> Option<String> {
    let of = |kinds: &[&str]| -> Vec<&Value> {
        let is = |one: &&Value| one["link"].as_str().is_some_and(|link| kinds.contains(&link));
        ancestors.iter().filter(is).collect()
    };
    let (before, after) = (of(&["before"]), of(&["after", "planned"]));
    let itself = of(&["itself"]);
    let (centre, rows) = (itself.first()?, before.len().max(after.len()).max(1));
    let height = i64::try_from(rows).ok()?.checked_mul(ROW)?;
    let mut shapes = String::new();
    let mut links = String::new();
    let middle = height / 2;
    for (at, one) in before.iter().enumerate() {
        let y = row(at, before.len(), height)?;
        let _ = write!(links, "M92 {y}C180 {y} 180 {middle} 258 {middle}");
        node(&mut shapes, one, Place { x: 60, y, reach: 34, beside: false })?;
    }
    for (at, one) in after.iter().enumerate() {
        let y = row(at, after.len(), height)?;
        let _ = write!(links, "M338 {middle}C400 {middle} 400 {y} 452 {y}");
        node(&mut shapes, one, Place { x: 486, y, reach: 34, beside: true })?;
    }
    node(&mut shapes, centre, Place { x: 298, y: middle, reach: 46, beside: false })?;
    Some(format!(
        "<svg class=\"lignee\" viewBox=\"0 0 720 {}\" aria-hidden=\"true\" \
         focusable=\"false\"><path class=\"b\" d=\"{links}\"/>{shapes}</svg>",
        height + FOOT
    ))
}

struct Place {
    x: i64,
    y: i64,
    reach: i64,
    beside: bool,
}

fn row(at: usize, count: usize, height: i64) -> Option<i64> {
    let (at, count) = (i64::try_from(at).ok()?, i64::try_from(count).ok()?);
    Some(height * (2 * at + 1) / (2 * count))
}

fn node(out: &mut String, one: &Value, place: Place) -> Option<()> {
    let Place { x, y, reach, beside } = place;
    let class = match one["link"].as_str()? {
        "itself" => "h-miel",
        "planned" => "h-vide",
        _ => "h-pet",
    };
    let (side, half) = (reach * 866 / 1_000, reach / 2);
    let (name, year) = (handlebars::html_escape(one["place"].as_str()?), one["year"].as_u64()?);
    let (tx, t1, t2, anchor) = if beside {
        (x + 48, y - 4, y + 14, "start")
    } else {
        (x, y + reach + 15, y + reach + 32, "middle")
    };
    let _ = write!(
        out,
        "<path class=\"{class}\" d=\"M{x} {}l{side} {half}v{reach}l-{side} {half}l-{side} -{half}\
         v-{reach}Z\"/>\
         <text x=\"{tx}\" y=\"{t1}\" class=\"t\" text-anchor=\"{anchor}\">{name}</text>\
         <text x=\"{tx}\" y=\"{t2}\" class=\"s\" text-anchor=\"{anchor}\">{year}</text>",
        y - reach
    );
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_family_needs_the_project_itself() {
        let one = |link: &str| json!({ "link": link, "place": "Aisne <b>", "year": 2024 });
        let drawn = draw(&[one("before"), one("itself"), one("after"), one("planned")]).unwrap();
        assert!(drawn.contains("viewBox=\"0 0 720 290\""), "{drawn}");
        assert!(drawn.contains("Aisne &lt;b&gt;") && !drawn.contains("<b>"), "{drawn}");
        assert_eq!(drawn.matches("class=\"h-").count(), 4);
        assert!(draw(&[one("before")]).is_none());
    }
}
