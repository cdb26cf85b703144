//! Which of the nine landscapes stands for a département when a project has no picture.

/// The name of the drawing in `static/svg/`.
pub fn of(departement: &str) -> &'static str {
    match departement {
        "973" => "guyane",
        "971" | "972" | "974" | "976" => "reunion",
        "59" | "62" | "80" => "calais",
        "31" | "67" | "69" | "75" | "77" | "78" | "91" | "92" | "93" | "94" | "95" => "seine",
        "11" | "14" | "17" | "22" | "29" | "2A" | "2B" | "30" | "34" | "35" | "40" | "50"
        | "56" | "83" | "85" => "finistere",
        "04" | "05" | "06" | "09" | "12" | "15" | "25" | "38" | "39" | "43" | "48" | "63"
        | "64" | "65" | "66" | "73" | "74" | "88" => "cantal",
        // The docks of an estuary.
        "13" | "33" | "44" | "76" => "loire",
        "02" | "08" | "10" | "18" | "27" | "28" | "36" | "37" | "41" | "45" | "49" | "51"
        | "52" | "53" | "54" | "55" | "57" | "60" | "61" | "68" | "70" | "72" | "90" => "aisne",
        _ => "creuse",
    }
}

#[cfg(test)]
mod tests {
    use domain::place;

    use super::*;
    use crate::assets::static_file;

    #[test]
    fn every_departement_has_a_landscape_and_every_landscape_a_departement() {
        let mut seen = std::collections::BTreeSet::new();
        for departement in place::departements() {
            let name = of(departement.code);
            assert!(static_file(&format!("svg/{name}.svg")).is_some(), "{name}");
            seen.insert(name);
        }
        assert_eq!(seen.len(), 9);
    }
}
