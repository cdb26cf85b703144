//! Money directed to a narrower target: one operator asks, another signs.

use actions::{DeskRefused, NewOrder, PotRefused, StaffMember};
use domain::{Cents, role::StaffRole};
use store::tranches;
use time::Duration;

use crate::{
    contributions::{OPERATOR, POT, desk, left, promised, receives, sources, today},
    staff::{enters, refusal},
    town::{BUS, Town},
};

const OTHER: &str = "fonds2@exemple.fr";

fn order(town: &Town, tranche: &str, euros: i64) -> NewOrder {
    let seniors = ("publics", vec!["seniors".to_owned()]);
    NewOrder {
        pot: POT.into(),
        tranche: tranche.into(),
        earmark: [("territories", vec!["23".to_owned()]), seniors].into(),
        ends_on: Some(today(town) + Duration::days(4)),
        amount: Cents::new(euros * 100),
        reason: "Aînés isolés par la crue".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_moves_free_money_to_a_narrower_target_once_two_people_signed() {
    let mut town = Town::new().await;
    let by = enters(&town, OPERATOR, StaffRole::Operator).await;
    let other = enters(&town, OTHER, StaffRole::Operator).await;
    let number = promised(&town, &by, 100).await;
    receives(&town, &by, (number, 1), false).await.unwrap();
    let tranche = format!("convention-{number}-1");
    town.give(BUS, 20, "avant@exemple.fr").await;
    let asks = async |town: &Town, new: NewOrder| {
        refusal(town.actions.begin_order(&by, &new, town.now).await)
    };
    let good = |town: &Town| order(town, &tranche, 50);
    let nowhere = NewOrder { tranche: "aucune".into(), ..good(&town) };
    assert_eq!(asks(&town, nowhere).await, Err(PotRefused::UnknownTranche));
    let nothing = NewOrder { amount: Cents::ZERO, ..good(&town) };
    assert_eq!(asks(&town, nothing).await, Err(PotRefused::Amount));
    let wider = NewOrder { earmark: [("publics", vec!["seniors".into()])].into(), ..good(&town) };
    assert_eq!(asks(&town, wider).await, Err(PotRefused::SignatureMissing));
    let longer = NewOrder { ends_on: Some(today(&town) + Duration::days(13)), ..good(&town) };
    assert_eq!(asks(&town, longer).await, Err(PotRefused::SignatureMissing));
    let left_cents = Cents::new(left(&town, &tranche).await);
    assert_eq!(
        asks(&town, order(&town, &tranche, 100)).await,
        Err(PotRefused::ExceedsLeft { left: left_cents })
    );
    let lapsing = asks(&town, good(&town)).await.unwrap();
    let withdrawn = asks(&town, good(&town)).await.unwrap();
    refusal(town.actions.withdraw_order(&by, withdrawn, town.now).await).unwrap();
    town.wait(Duration::days(7));
    let signs = async |town: &Town, who: &StaffMember, number| {
        let strong = Some(town.now);
        let mut who = who.clone();
        who.principal.strong_at = strong;
        refusal(town.actions.sign_order(&who, number, town.now).await)
    };
    let unknown = || desk(DeskRefused::Unknown);
    assert_eq!(signs(&town, &other, lapsing).await, Err(PotRefused::Lapsed));
    assert_eq!(signs(&town, &other, withdrawn).await, unknown());
    let mut proven = by.clone();
    proven.principal.strong_at = Some(town.now);
    let new = good(&town);
    let asked = refusal(town.actions.begin_order(&proven, &new, town.now).await).unwrap();
    let alone = refusal(town.actions.sign_order(&proven, asked, town.now).await);
    assert_eq!(alone, Err(PotRefused::SameSigner));
    assert_eq!(left(&town, &tranche).await, left_cents.get(), "one signature moves nothing");
    let auditor = enters(&town, "controle@exemple.fr", StaffRole::Auditor).await;
    assert_eq!(signs(&town, &auditor, asked).await, desk(DeskRefused::NotAllowed));
    assert_eq!(signs(&town, &other, asked).await, Ok(()));
    assert_eq!(signs(&town, &other, asked).await, unknown(), "once");
    let moved = format!("ordre-{asked}");
    assert_eq!(left(&town, &tranche).await, left_cents.get() - 5_000);
    assert_eq!(left(&town, &moved).await, 5_000);
    town.wait(Duration::minutes(1));
    let gift = town.give(BUS, 20, "apres@exemple.fr").await;
    let from = sources(&town, gift).await;
    assert_eq!(from.get(&moved), Some(&1_000), "the narrower money goes first: {from:?}");
    let mut db = town.reader.get().await.unwrap();
    let subject = format!("order:{POT}/{asked}");
    let noted = store::trail::actions_on(&mut db, &subject).await.unwrap();
    assert_eq!(noted, ["begin_order", "sign_order"]);
    assert_eq!(tranches::contributors(&mut db).await.unwrap().len(), 7);
    drop(db);
    town.end().await;
}
