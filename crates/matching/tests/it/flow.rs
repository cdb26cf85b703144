//! The flow beside somebody else's maximum flow: with rooms for EU and public money, whatever was
//! served first was served as much as any plan could, and so was the use of the first tranches.

use domain::{Cents, pot::Origin};
use matching::flow::{Cells, Demand, Supply, serve};
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

    /// P12: whoever draws demand after demand in sourcing order serves no more.
    #[test]
    fn a_flow_serves_at_least_what_greed_does((supplies, demands) in crossing()) {
        let cells = serve(&supplies, &demands).unwrap();
        prop_assert!(total(&cells) >= total(&greedy(&supplies, &demands)));
    }

    /// P9: one more cent in a tranche never lowers the demands served, the first counting first.
    #[test]
    fn a_cent_more_serves_no_less((supplies, demands) in crossing(), which in 0..7_usize) {
        let before = by_demand(&serve(&supplies, &demands).unwrap());
        let mut more = supplies.clone();
        if let Some(supply) = more.get_mut(which) {
            supply.amount = supply.amount.plus(Cents::new(1)).unwrap();
        }
        prop_assert!(by_demand(&serve(&more, &demands).unwrap()) >= before);
    }

    /// P12: of all plans there are, the one that the objectives put first.
    #[test]
    fn a_flow_is_the_best_of_all_plans((supplies, demands) in small()) {
        let cells = serve(&supplies, &demands).unwrap();
        let mut best = Vec::new();
        let mut plan = vec![vec![Cents::ZERO; supplies.len()]; demands.len()];
        search(&supplies, &demands, 0, &mut plan, &mut best);
        prop_assert_eq!(ranked(&cells), best);
    }
}

fn small() -> impl Strategy<Value = (Vec<Supply>, Vec<Demand>)> {
    let fewer = |amount: Cents| Cents::new(amount.get() % 4);
    crossing().prop_map(move |(mut supplies, mut demands)| {
        demands.truncate(3);
        supplies.truncate(3);
        for supply in &mut supplies {
            supply.amount = fewer(supply.amount);
        }
        for demand in &mut demands {
            demand.amount = fewer(demand.amount);
            demand.eu_room = demand.eu_room.map(fewer);
            demand.public_room = demand.public_room.map(fewer);
        }
        (supplies, demands)
    })
}

fn total(cells: &Cells) -> i64 {
    cells.iter().flatten().map(|cell| cell.get()).sum()
}

fn by_demand(cells: &Cells) -> Vec<i64> {
    cells.iter().map(|row| row.iter().map(|cell| cell.get()).sum()).collect()
}

/// What a tranche can still give to a demand under a plan.
fn room(
    (supplies, demands): (&[Supply], &[Demand]),
    plan: &Cells,
    (demand, supply): (usize, usize),
) -> i64 {
    let (from, to) = (&supplies[supply], &demands[demand]);
    if !from.fits[demand] {
        return 0;
    }
    let row = |counts: &dyn Fn(Origin) -> bool| -> i64 {
        let cells = plan[demand].iter().zip(supplies);
        cells.filter(|(_, of)| counts(of.origin)).map(|(cell, _)| cell.get()).sum()
    };
    let used: i64 = plan.iter().map(|row| row[supply].get()).sum();
    let mut open = (from.amount.get() - used).min(to.amount.get() - row(&|_| true));
    if from.origin == Origin::Eu {
        let eu = to.eu_room.map(|room| room.get() - row(&|origin| origin == Origin::Eu));
        open = open.min(eu.unwrap_or(open));
    }
    if from.origin.is_public() {
        let public = to.public_room.map(|room| room.get() - row(&Origin::is_public));
        open = open.min(public.unwrap_or(open));
    }
    open.max(0)
}

fn greedy(supplies: &[Supply], demands: &[Demand]) -> Cells {
    let mut plan = vec![vec![Cents::ZERO; supplies.len()]; demands.len()];
    for demand in 0..demands.len() {
        for supply in 0..supplies.len() {
            let open = room((supplies, demands), &plan, (demand, supply));
            plan[demand][supply] = Cents::new(open);
        }
    }
    plan
}

/// What the objectives compare: demands served, tranches used, then the cells.
fn ranked(cells: &Cells) -> Vec<i64> {
    let tranches = cells.first().map_or(0, Vec::len);
    let used = |tranche: usize| -> i64 { cells.iter().map(|row| row[tranche].get()).sum() };
    let mut rank = by_demand(cells);
    rank.extend((0..tranches).map(used));
    rank.extend(cells.iter().flatten().map(|cell| cell.get()));
    rank
}

/// Tries every amount in every cell.
fn search(
    supplies: &[Supply],
    demands: &[Demand],
    cell: usize,
    plan: &mut Cells,
    best: &mut Vec<i64>,
) {
    let places = (supplies.len().max(1), supplies.len() * demands.len());
    if cell == places.1 {
        *best = ranked(plan).max(std::mem::take(best));
        return;
    }
    let (demand, supply) = (cell / places.0, cell % places.0);
    for amount in 0..=room((supplies, demands), plan, (demand, supply)) {
        plan[demand][supply] = Cents::new(amount);
        search(supplies, demands, cell + 1, plan, best);
        plan[demand][supply] = Cents::ZERO;
    }
}
