//! The map of hexagons: 101 cells of the same size, so that a small département weighs as much as a
//! large one.

use std::{fmt::Write, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value;

use super::length;

/// Distance between two cells of a row, in hundredths; half of it shifts the odd rows.
const STEP: i64 = 3_464;
/// Distance between two rows.
const ROW: i64 = 30;

#[derive(Deserialize)]
struct Cell {
    code: String,
    col: i64,
    rang: i64,
}

static CELLS: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/departements-alveoles.json"))
        .expect("the embedded map is well formed: a test reads every cell")
});

/// Draws the map. `cells` holds objects with `code` and `class` from 0 to 4, or `change` from -2
/// (much less) to 2 (much more); a missing code has class 0.
/// With `links`, each cell leads to the campaigns of its département.
pub fn map(cells: &[Value], links: bool) -> Option<String> {
    let mut out = String::with_capacity(14_000);
    out.push_str(
        "<svg class=\"hexcarte\" viewBox=\"-18.3 9 417.7 402\" aria-hidden=\"true\" \
         focusable=\"false\">",
    );
    for cell in CELLS.iter() {
        let given = cells.iter().find(|given| given["code"] == cell.code.as_str());
        let class = match given {
            Some(given) if given["change"].is_i64() => {
                let change = given["change"].as_i64().filter(|change| change.abs() < 3)?;
                format!("d{change}")
            }
            Some(given) => format!("k{}", given["class"].as_u64().filter(|class| *class < 5)?),
            None => String::from("k0"),
        };
        write_cell(&mut out, cell, &class, links);
    }
    out.push_str("</svg>");
    Some(out)
}

fn write_cell(out: &mut String, cell: &Cell, class: &str, links: bool) {
    let code = &cell.code;
    let x = length((cell.col * STEP + (cell.rang % 2) * STEP / 2 + 5) / 10);
    let y = cell.rang * ROW;
    let (open, close) = if links {
        (format!("<a href=\"/campagnes?dep={code}\" tabindex=\"-1\">"), "</a>")
    } else {
        ("<g>".to_owned(), "</g>")
    };
    let text = if ["k3", "k4"].contains(&class) { " class=\"tf\"" } else { "" };
    let _ = write!(
        out,
        "{open}<use href=\"#hx\" x=\"{x}\" y=\"{y}\" class=\"{class}\"/>\
         <text x=\"{x}\" y=\"{y}.5\" dy=\"4\"{text}>{code}</text>{close}"
    );
}

#[cfg(test)]
mod tests {
    use domain::place;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_departement_has_one_cell_of_its_own() {
        assert_eq!(CELLS.len(), 101);
        assert!(place::departements().iter().all(|one| CELLS.iter().any(|c| c.code == one.code)));
        let mut places: Vec<_> = CELLS.iter().map(|cell| (cell.col, cell.rang)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 101);
    }

    #[test]
    fn a_cell_has_its_class_and_leads_to_its_campaigns() {
        let drawn = map(&[json!({ "code": "23", "class": 4 })], true).unwrap();
        assert!(drawn.contains("<a href=\"/campagnes?dep=23\" tabindex=\"-1\"><use href=\"#hx\""));
        assert!(drawn.contains("x=\"207.8\" y=\"240\" class=\"k4\""), "{drawn}");
        assert_eq!(drawn.matches("class=\"k0\"").count(), 100);
        assert!(map(&[json!({ "code": "23", "class": 5 })], true).is_none());
        let moved = map(&[json!({ "code": "23", "change": -2 })], false).unwrap();
        assert!(moved.contains("class=\"d-2\""), "{moved}");
        assert!(map(&[json!({ "code": "23", "change": 3 })], false).is_none());
        assert!(!map(&[], false).unwrap().contains("<a "));
    }
}
