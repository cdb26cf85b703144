//! Milestones and holders' news: one letter each, to who asked for them.

use actions::NewUpdate;
use uuid::Uuid;

use crate::town::{BUS, Town};

#[tokio::test(flavor = "multi_thread")]
async fn news_reach_each_follower_once_even_published_twice() {
    let town = Town::new().await;
    town.give(BUS, 20, "suit@exemple.fr").await;
    let update = NewUpdate {
        id: Uuid::now_v7(),
        slug: BUS.into(),
        title: "Le fourgon est là".into(),
        body: "Premier arrêt **samedi**.".into(),
    };
    for _ in 0..2 {
        town.actions.publish_update(&update, town.now).await.unwrap().unwrap();
        town.work().await;
    }
    let news = |kind: &&&str| **kind == "update";
    assert_eq!(town.letters("suit@exemple.fr").iter().filter(news).count(), 1);
    let sent = town.post.sent();
    let (message, _) = sent.iter().find(|(m, _)| m.letter().kind() == "update").unwrap();
    let url = message.unsubscribe_url().unwrap().unwrap().to_owned();
    let token = url.split('/').nth(4).unwrap();
    town.actions.end_follow(token, town.now).await.unwrap();
    let another = NewUpdate { id: Uuid::now_v7(), ..update };
    town.actions.publish_update(&another, town.now).await.unwrap();
    town.work().await;
    assert_eq!(town.letters("suit@exemple.fr").iter().filter(news).count(), 1);
    town.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_is_told_once() {
    let town = Town::new().await;
    let mut db = town.reader.get().await.unwrap();
    let campaigns = store::campaigns::all(&mut db).await.unwrap();
    drop(db);
    let smallest = campaigns
        .into_iter()
        .filter(|one| one.takes_gifts_at(town.now) && !one.all_or_nothing)
        .min_by_key(|one| one.goal_cents)
        .unwrap();
    let euros = smallest.goal_cents / 400 + 1;
    town.give(&smallest.slug, euros, "palier@exemple.fr").await;
    town.give(&smallest.slug, 5, "palier@exemple.fr").await;
    let milestones = town.letters("palier@exemple.fr");
    assert_eq!(milestones.iter().filter(|kind| **kind == "progress").count(), 1, "{milestones:?}");
    town.end().await;
}
