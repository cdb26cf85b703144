//! Every sample, drawn once for all tests.

use std::sync::{Arc, LazyLock};

use templates::{
    Layout, Site, Templates, Theme,
    pages::{
        amounts::PreviewFragment,
        gallery::{Drawn, gallery},
        *,
    },
};

/// All samples, with a flow token, in the demonstration.
pub static DRAWN: LazyLock<Vec<Drawn>> = LazyLock::new(|| {
    gallery(&Templates::new().unwrap(), &demonstration().with_flow("jeton")).unwrap()
});

pub fn demonstration() -> Layout {
    Layout::new(Arc::new(Site::sample()), "/exemple")
}

/// A real site with as little as the configuration can leave out.
fn bare() -> Layout {
    let mut site = Site::sample();
    site.demo = false;
    site.mailbox = None;
    site.operator.siren = None;
    site.operator.orias = None;
    site.operator.phone = None;
    Layout::new(Arc::new(site), "/exemple")
}

pub fn page(page: &str, state: &str) -> &'static str {
    let found = DRAWN.iter().find(|one| one.page == page && one.state == state);
    &found.unwrap_or_else(|| panic!("no sample {state} of {page}")).html
}

#[test]
fn every_state_is_drawn_with_and_without_optional_facts() {
    assert!(DRAWN.len() > 100, "{}", DRAWN.len());
    let bare = gallery(&Templates::new().unwrap(), &bare()).unwrap();
    assert_eq!(bare.len(), DRAWN.len());
    assert!(bare.iter().all(|one| !one.html.contains("Démonstration")));
    assert!(DRAWN.iter().all(|one| one.html.contains("Démonstration\u{a0}: structures")));
    assert!(bare.iter().all(|one| !one.html.contains("name=\"flow\"")));
}

#[test]
fn samples_have_names_of_their_own() {
    let mut names: Vec<_> = DRAWN.iter().map(|one| (one.page, one.state)).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn no_value_leaks_as_code() {
    for one in DRAWN.iter() {
        for leak in ["[object]", "null", "NaN", "{{", "}}", "undefined"] {
            let text = without_scripts(&one.html);
            assert!(!text.contains(leak), "{leak} in {} {}", one.page, one.state);
        }
    }
}

fn without_scripts(html: &str) -> String {
    html.split("<script")
        .map(|part| part.split_once("</script>").map_or(part, |(_, after)| after))
        .collect()
}

#[test]
fn the_example_balances_to_the_cent_wherever_it_is_shown() {
    for (page_name, state) in
        [("home", "default"), ("campaign", "collecting"), ("give", "default"), ("gift", "thanks")]
    {
        let html = page(page_name, state);
        for amount in ["10\u{a0}€", "8\u{a0}€", "6\u{a0}€", "32\u{a0}€"] {
            assert!(html.contains(amount), "{amount} missing in {page_name}");
        }
    }
    assert!(page("campaign", "collecting").contains("6,80\u{a0}€"));
    assert!(page("verify_match", "exact").contains("32,00\u{a0}€"));
}

#[test]
fn the_form_keeps_what_was_typed_and_ticks_nothing_by_itself() {
    let fresh = page("give", "default");
    assert!(!fresh.contains("name=\"recu\" value=\"oui\" required checked"));
    assert!(!fresh.contains("name=\"recu\" value=\"non\" required checked"));
    assert!(fresh.contains("name=\"public\" value=\"non\" checked"));
    assert!(!fresh.contains("name=\"nouvelles\" value=\"1\" checked"));
    let wrong = page("give", "faults");
    for kept in [
        "value=\"camille.lefevre@exemple\"",
        "value=\"L&#x27;Hôpital &quot;dit&quot; &lt;b&gt;\"",
        "value=\"63000\"",
        "name=\"recu\" value=\"oui\" required checked",
        "name=\"moyen\" value=\"sepa\" checked",
        "name=\"nouvelles\" value=\"1\" checked",
        "value=\"abc\"",
    ] {
        assert!(wrong.contains(kept), "{kept}");
    }
    assert!(page("give", "again").contains("name=\"encore\" value=\"1\""));
    assert!(!fresh.contains("name=\"encore\""));
}

#[test]
fn a_closed_campaign_offers_no_form() {
    for state in ["suspended", "giving_stopped", "last_debits", "succeeded", "failed"] {
        let html = page("campaign", state);
        assert!(!html.contains("name=\"montant\""), "{state}");
        assert!(!html.contains("/don\""), "{state}");
    }
    for state in ["suspended", "giving_stopped", "closed", "ended"] {
        assert!(!page("give", state).contains("name=\"intention\""), "{state}");
    }
}

#[test]
fn a_holder_cannot_write_html_nor_a_visitor_either() {
    for one in DRAWN.iter() {
        for evil in ["<script>alert", "javascript:", "<b>\""] {
            assert!(!one.html.contains(evil), "{evil} in {} {}", one.page, one.state);
        }
    }
    assert!(page("campaign", "collecting").contains("rel=\"nofollow ugc noopener\""));
}

#[test]
fn the_theme_is_written_by_the_server() {
    let templates = Templates::new().unwrap();
    let dark = demonstration().with_theme(Theme::Sombre);
    let html = templates.page(&dark, &NotFound {}).unwrap();
    assert!(html.contains("<html lang=\"fr\" data-theme=\"sombre\">"));
    assert!(html.contains("value=\"sombre\" checked"));
    assert!(page("not_found", "default").contains("<html lang=\"fr\">"));
}

#[test]
fn private_pages_are_kept_from_search_engines() {
    for (name, state, indexed) in [
        ("gift", "thanks", false),
        ("receipt", "valid", false),
        ("give", "default", false),
        ("not_found", "default", false),
        ("home", "default", true),
        ("campaign", "collecting", true),
        ("campaign", "suspended", false),
        ("rules", "default", true),
    ] {
        let html = page(name, state);
        assert_eq!(html.contains("content=\"noindex\""), !indexed, "{name} {state}");
        assert_eq!(html.contains("rel=\"canonical\""), indexed, "{name} {state}");
    }
}

#[test]
fn the_preview_answers_alone() {
    let templates = Templates::new().unwrap();
    let preview = Campaign::samples().swap_remove(0).1.example.unwrap();
    let told = templates.fragment("preview", &PreviewFragment::Answer(preview)).unwrap();
    assert!(told.contains("le projet reçoit") && told.contains("52\u{a0}€"), "{told}");
    assert!(!told.contains("<html"));
    let (min, max) = (domain::Cents::new(500), domain::Cents::new(1_000_000));
    let bounds = templates.fragment("preview", &PreviewFragment::OutOfBounds { min, max }).unwrap();
    assert!(bounds.contains("Un don va de 5\u{a0}€ à 10\u{202f}000\u{a0}€."), "{bounds}");
    for fragment in [PreviewFragment::Unreadable, PreviewFragment::Closed] {
        assert!(
            templates.fragment("preview", &fragment).unwrap().contains("class=\"petit rouge\"")
        );
    }
}

#[test]
fn a_field_that_is_missing_is_an_error_not_a_hole() {
    let templates = Templates::new().unwrap();
    let error = templates.fragment("preview", &serde_json::json!({})).unwrap_err();
    assert!(matches!(error, templates::PageError::Render { .. }), "{error}");
}
