//! Serving known demands from crossing earmarks at once, where drawing greedily wastes money.

mod network;

use domain::{Cents, pot::Origin};

use crate::exact::{Overflow, cents, wide};
use network::{INFINITE, Network};

/// Money to share, in sourcing order.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Cents.
    pub amount: Cents,
    /// Where it comes from.
    pub origin: Origin,
    /// For each demand, in order, whether its campaign fits the earmark.
    pub fits: Vec<bool>,
}

/// What a campaign asks, first served first.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// Cents.
    pub amount: Cents,
    /// Cents of EU money it may still receive.
    pub eu_room: Option<Cents>,
    /// Cents of public money, EU included, it may still receive.
    pub public_room: Option<Cents>,
}

/// Cents by demand, then by supply.
pub type Cells = Vec<Vec<Cents>>;

/// Serves the demands: first demand first, then with the least flexible money, then by canonical
/// cells. The total is then the largest possible as well.
///
/// # Errors
/// When a number leaves its range.
pub fn serve(supplies: &[Supply], demands: &[Demand]) -> Result<Cells, Overflow> {
    let asked: Vec<i128> = demands.iter().map(|demand| wide(demand.amount)).collect();
    let matched = {
        let mut graph = Graph::new(supplies, demands);
        graph.open_sources(supplies)?;
        graph.fill(Graph::sink_edges, &asked)?
    };
    let mut graph = Graph::new(supplies, demands);
    for (edge, amount) in graph.sinks.clone().into_iter().zip(&matched) {
        graph.network.set_capacity(edge, *amount)?;
    }
    let amounts: Vec<i128> = supplies.iter().map(|supply| wide(supply.amount)).collect();
    graph.fill(Graph::source_edges, &amounts)?;
    graph.canonical_cells(supplies.len())
}

const SOURCE: usize = 0;
const SINK: usize = 1;

/// One edge from a supply to the node where its money enters a campaign.
struct Cell {
    supply: usize,
    edge: usize,
}

struct Graph {
    network: Network,
    sources: Vec<usize>,
    sinks: Vec<usize>,
    /// By demand, in supply order.
    cells: Vec<Vec<Cell>>,
}

impl Graph {
    fn new(supplies: &[Supply], demands: &[Demand]) -> Self {
        let mut network = Network::new();
        let (source, sink) = (network.node(), network.node());
        debug_assert_eq!((source, sink), (SOURCE, SINK));
        let nodes: Vec<usize> = supplies.iter().map(|_| network.node()).collect();
        let sources = nodes.iter().map(|node| network.edge(SOURCE, *node, 0)).collect();
        let mut graph = Self { network, sources, sinks: Vec::new(), cells: Vec::new() };
        for (place, demand) in demands.iter().enumerate() {
            graph.campaign(place, demand, supplies, &nodes);
        }
        graph
    }

    fn campaign(&mut self, place: usize, demand: &Demand, supplies: &[Supply], nodes: &[usize]) {
        let network = &mut self.network;
        let (eu, public, own) = (network.node(), network.node(), network.node());
        let room = |room: Option<Cents>| room.map_or(INFINITE, |room| wide(room.floored()));
        network.edge(eu, public, room(demand.eu_room));
        network.edge(public, own, room(demand.public_room));
        let mut cells = Vec::new();
        for (supply, (of, node)) in supplies.iter().zip(nodes).enumerate() {
            if of.fits.get(place) == Some(&true) {
                let entry = match of.origin {
                    Origin::Eu => eu,
                    origin if origin.is_public() => public,
                    _ => own,
                };
                cells.push(Cell { supply, edge: network.edge(*node, entry, INFINITE) });
            }
        }
        self.cells.push(cells);
        self.sinks.push(network.edge(own, SINK, 0));
    }

    fn source_edges(&self) -> &[usize] {
        &self.sources
    }

    fn sink_edges(&self) -> &[usize] {
        &self.sinks
    }

    fn open_sources(&mut self, supplies: &[Supply]) -> Result<(), Overflow> {
        for (edge, supply) in self.sources.iter().zip(supplies) {
            self.network.set_capacity(*edge, wide(supply.amount))?;
        }
        Ok(())
    }

    /// Opens edges one by one and augments each time; an augmenting path never takes back what an
    /// earlier edge won.
    fn fill(
        &mut self,
        edges: fn(&Self) -> &[usize],
        amounts: &[i128],
    ) -> Result<Vec<i128>, Overflow> {
        let mut won = Vec::new();
        for (edge, amount) in edges(self).to_vec().into_iter().zip(amounts) {
            self.network.set_capacity(edge, *amount)?;
            self.network.push(SOURCE, SINK)?;
            won.push(self.network.flow(edge));
        }
        Ok(won)
    }

    /// Raises each cell, in order, to the largest amount that keeps demands and supplies, and
    /// freezes it.
    fn canonical_cells(mut self, supplies: usize) -> Result<Cells, Overflow> {
        for edge in self.sources.iter().chain(&self.sinks) {
            self.network.freeze(*edge);
        }
        let mut found = Vec::new();
        for cells in &self.cells {
            let mut row = vec![Cents::ZERO; supplies];
            for cell in cells {
                let held = self.network.flow(cell.edge);
                let (tail, head) = self.network.ends(cell.edge);
                self.network.freeze(cell.edge);
                let gained = self.network.push(head, tail)?;
                let amount = held.checked_add(gained).ok_or(Overflow)?;
                if let Some(slot) = row.get_mut(cell.supply) {
                    *slot = cents(amount)?;
                }
            }
            found.push(row);
        }
        Ok(found)
    }
}
