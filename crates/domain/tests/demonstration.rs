//! The demonstration's campaigns stand in real places: their territories are those of the tables.

use domain::place::{TerritoryCode, commune, territory_codes};
use serde_json::Value;

#[test]
fn the_territories_of_the_demonstration_are_those_of_the_tables() {
    let text = include_str!("../../../demo/campaigns.json");
    let demo: Value = serde_json::from_str(text).expect("JSON");
    let campaigns = demo["campagnes"].as_array().expect("a list of campaigns");
    assert_eq!(campaigns.len(), 36);
    for campaign in campaigns {
        let engine = &campaign["engine"]["campaign"];
        let insee = engine["territory_codes"][0].as_str().expect("a commune");
        assert!(commune(insee).is_some(), "{insee}");
        let expected: Vec<String> =
            serde_json::from_value(engine["territory_codes"].clone()).expect("a list of codes");
        assert_eq!(territory_codes(insee), expected, "{}", engine["id"]);
    }
}

#[test]
fn the_earmarks_of_the_demonstration_name_territories_that_exist() {
    let text = include_str!("../../../demo/pots.json");
    let demo: Value = serde_json::from_str(text).expect("JSON");
    let pots = demo["pots"].as_array().expect("a list of pots");
    let tranches = pots.iter().filter_map(|pot| pot["tranches"].as_array()).flatten();
    let mut seen = 0;
    for code in tranches.filter_map(|one| one["earmark"]["territories"].as_array()).flatten() {
        let code: TerritoryCode = code.as_str().expect("a code").parse().expect("a spelling");
        assert!(code.exists(), "{code}");
        seen += 1;
    }
    assert_eq!(seen, 35);
}
