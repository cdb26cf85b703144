//! The flow beside somebody else's maximum flow: with rooms for EU and public money, whatever was
//! served first was served as much as any plan could, and so was the use of the first tranches.

use domain::{Cents, pot::Origin};
use matching::flow::{Demand, Supply, serve};
use petgraph::{
    algo::ford_fulkerson,
    graph::{DiGraph, NodeIndex},
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const ENDLESS: u64 = 1 << 40;

fn supplies(demands: usize) -> impl Strategy<Value = Vec<Supply>> {
    let origin = select(vec![
        Origin::Eu,
        Origin::State,
        Origin::LocalAuthority,
        Origin::Operator,
        Origin::Citizen,
    ]);
    let one = (0..60_i64, origin, vec(any::<bool>(), demands));
    let one =
        one.prop_map(|(amount, origin, fits)| Supply { amount: Cents::new(amount), origin, fits });
    vec(one, 0..7)
}

fn demands() -> impl Strategy<Value = Vec<Demand>> {
    let room = || option::of((0..50_i64).prop_map(Cents::new));
    let one = ((0..50_i64).prop_map(Cents::new), room(), room());
    let one =
        one.prop_map(|(amount, eu_room, public_room)| Demand { amount, eu_room, public_room });
    vec(one, 0..6)
}

fn crossing() -> impl Strategy<Value = (Vec<Supply>, Vec<Demand>)> {
    demands().prop_flat_map(|demands| (supplies(demands.len()), Just(demands)))
}

/// The most that some supplies can bring to some demands, each up to an amount.
fn most(supplies: &[Supply], demands: &[Demand], amounts: &[i64]) -> i64 {
    let mut graph = DiGraph::<(), u64>::new();
    let (source, sink) = (graph.add_node(()), graph.add_node(()));
    let cents = |amount: i64| u64::try_from(amount).unwrap();
    let room = |room: Option<Cents>| room.map_or(ENDLESS, |room| cents(room.get()));
    let levels: Vec<[NodeIndex; 3]> = demands
        .iter()
        .zip(amounts)
        .map(|(demand, amount)| {
            let levels = [(); 3].map(|()| graph.add_node(()));
            graph.add_edge(levels[0], levels[1], room(demand.eu_room));
            graph.add_edge(levels[1], levels[2], room(demand.public_room));
            graph.add_edge(levels[2], sink, cents(*amount));
            levels
        })
        .collect();
    for supply in supplies {
        let node = graph.add_node(());
        graph.add_edge(source, node, cents(supply.amount.get()));
        let entry = match supply.origin {
            Origin::Eu => 0,
            origin if origin.is_public() => 1,
            _ => 2,
        };
        for (levels, _) in levels.iter().zip(&supply.fits).filter(|(_, fits)| **fits) {
            graph.add_edge(node, levels[entry], ENDLESS);
        }
    }
    ford_fulkerson(&graph, source, sink).0.try_into().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn a_flow_is_a_maximum_flow_for_every_first_demands_and_every_first_tranches(
        (supplies, demands) in crossing(),
    ) {
        let cells = serve(&supplies, &demands).unwrap();
        let got: Vec<i64> =
            cells.iter().map(|row| row.iter().map(|cell| cell.get()).sum()).collect();
        for first in 0..=demands.len() {
            let asked: Vec<i64> = demands[..first].iter().map(|one| one.amount.get()).collect();
            let possible = most(&supplies, &demands[..first], &asked);
            prop_assert_eq!(got[..first].iter().sum::<i64>(), possible, "first {} demands", first);
        }
        for first in 0..=supplies.len() {
            let used: i64 = cells.iter().flat_map(|row| &row[..first]).map(|cell| cell.get()).sum();
            let possible = most(&supplies[..first], &demands, &got);
            prop_assert_eq!(used, possible, "first {} tranches", first);
        }
    }

    #[test]
    fn a_flow_keeps_amounts_earmarks_and_rooms((supplies, demands) in crossing()) {
        let cells = serve(&supplies, &demands).unwrap();
        for (place, supply) in supplies.iter().enumerate() {
            let used: i64 = cells.iter().map(|row| row[place].get()).sum();
            prop_assert!(used <= supply.amount.get());
        }
        for (place, (row, demand)) in cells.iter().zip(&demands).enumerate() {
            let of = |counts: &dyn Fn(Origin) -> bool| -> i64 {
                let ours = row.iter().zip(&supplies).filter(|(_, from)| counts(from.origin));
                ours.map(|(cell, _)| cell.get()).sum()
            };
            prop_assert!(of(&|_| true) <= demand.amount.get());
            let eu = of(&|origin| origin == Origin::Eu);
            let public = of(&|origin| origin == Origin::Eu || origin.is_public());
            prop_assert!(demand.eu_room.is_none_or(|room| eu <= room.get()));
            prop_assert!(demand.public_room.is_none_or(|room| public <= room.get()));
            for (cell, supply) in row.iter().zip(&supplies) {
                prop_assert!(cell.get() >= 0 && (cell.get() == 0 || supply.fits[place]));
            }
        }
    }
}
