//! What the database promises, asked of the database.

use testkit::probe;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn the_books_refuse_to_be_rewritten() {
    let town = Town::new().await;
    town.give(BUS, 20, "livres@exemple.fr").await;
    for statement in [
        "UPDATE journal_entries SET amount_cents = 1",
        "DELETE FROM journal_entries",
        "DELETE FROM journal_postings",
        "UPDATE match_entries SET amount_cents = 1",
        "UPDATE decisions SET event = 'x'",
        "UPDATE rule_sets SET version = 2",
    ] {
        let refused = probe::execute(&town.writer, statement).await.unwrap_err();
        assert!(refused.contains("only grows"), "{statement}: {refused}");
    }
    let unbalanced = "WITH p AS (INSERT INTO journal_postings (cause_kind, cause_id, kind, at)
            VALUES ('test', '1', 'test', now()) RETURNING id)
        INSERT INTO journal_entries (posting_id, rank, account, amount_cents)
            SELECT id, 1, 'psp_fees', 5 FROM p";
    let refused = probe::execute(&town.writer, unbalanced).await.unwrap_err();
    assert!(refused.contains("does not balance"), "{refused}");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tranche_cannot_be_overdrawn_nor_its_earmark_passed() {
    let town = Town::new().await;
    let overdrawn = "UPDATE tranches SET used_cents = amount_cents + 1 WHERE id = 'etat_socle'";
    let refused = probe::execute(&town.writer, overdrawn).await.unwrap_err();
    assert!(refused.contains("tranches_are_never_overdrawn"), "{refused}");
    let gift = town.give(BUS, 20, "fleche@exemple.fr").await;
    let passed = format!(
        "INSERT INTO match_entries
             (gift_id, pot_id, tranche_id, campaign_id, kind, amount_cents, at)
         VALUES ('{gift}', 'insertion', 'fse', 'demo-01', 'draw', 1, now())"
    );
    let refused = probe::execute(&town.writer, &passed).await.unwrap_err();
    assert!(refused.contains("foreign key"), "{refused}");
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_says_what_it_is_for() {
    let town = Town::new().await;
    let silent = probe::tables_without_comment(&town.writer).await.unwrap();
    assert_eq!(silent, Vec::<String>::new());
    town.end().await;
}
