//! Money on its way from tranches to campaigns, and how it can be led otherwise.
//!
//! The network is never built: a campaign is three levels (EU money enters at the first, other
//! public money at the second, private money at the third) and a bit per tranche that fits it.
//! Searches run backwards, along the few cells that hold money.

use std::collections::{BTreeSet, VecDeque};

use domain::{Cents, pot::Origin};

use super::{Cells, Demand, Supply};
use crate::exact::{Overflow, minus, plus};

/// The levels of a campaign.
const LEVELS: usize = 3;
const LAST: usize = 2;

/// More than any sum of money.
const ENDLESS: Cents = Cents::new(i64::MAX);

/// A place money passes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    Tranche(usize),
    Level(usize, usize),
}

use Node::{Level, Tranche};

pub(super) struct Transport<'a> {
    supplies: &'a [Supply],
    demands: &'a [Demand],
    /// By tranche, the level at which its money enters.
    class: Vec<usize>,
    /// By demand and level, a bit per tranche that fits and enters there.
    fits: Vec<[Bits; LEVELS]>,
    cells: Cells,
    /// By tranche, the demands that hold money of it.
    uses: Vec<BTreeSet<usize>>,
    /// By demand, what passes from a level to the next.
    through: Vec<[Cents; LAST]>,
    got: Vec<Cents>,
    used: Vec<Cents>,
    /// Cells before this one, in (demand, tranche) order, do not change any more.
    frozen: (usize, usize),
    /// Tranches that money may still reach.
    alive: Bits,
    trail: Trail,
}

/// One search: which nodes it saw, and the next node from each towards its root.
struct Trail {
    stamp: u32,
    seen: Vec<u32>,
    next: Vec<Option<Node>>,
    queue: VecDeque<Node>,
    /// A bit per tranche that the search has not seen.
    unseen: Bits,
    /// A bit per tranche that is looked at before all others.
    first: Bits,
}

/// A bit per tranche.
type Bits = Vec<u64>;

fn bit(tranche: usize) -> u64 {
    1 << (tranche & 63)
}

/// The tranches of a word of bits.
fn tranches_of(word: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = usize::try_from(bits.trailing_zeros()).ok().filter(|_| bits != 0)?;
        bits &= bits.saturating_sub(1);
        Some((word << 6) | lowest)
    })
}

fn level_of(origin: Origin) -> usize {
    match origin {
        Origin::Eu => 0,
        origin if origin.is_public() => 1,
        _ => LAST,
    }
}

impl<'a> Transport<'a> {
    pub(super) fn new(supplies: &'a [Supply], demands: &'a [Demand]) -> Self {
        let class: Vec<usize> = supplies.iter().map(|supply| level_of(supply.origin)).collect();
        let words = supplies.len().div_ceil(64);
        let mut fits = Vec::new();
        for place in 0..demands.len() {
            let mut levels = [vec![0_u64; words], vec![0; words], vec![0; words]];
            for (tranche, supply) in supplies.iter().enumerate() {
                if supply.fits.get(place) == Some(&true) {
                    levels[class[tranche]][tranche >> 6] |= bit(tranche);
                }
            }
            fits.push(levels);
        }
        let nodes = demands.len().saturating_mul(LEVELS).saturating_add(supplies.len());
        Self {
            supplies,
            demands,
            class,
            fits,
            cells: vec![vec![Cents::ZERO; supplies.len()]; demands.len()],
            uses: vec![BTreeSet::new(); supplies.len()],
            through: vec![[Cents::ZERO; LAST]; demands.len()],
            got: vec![Cents::ZERO; demands.len()],
            used: vec![Cents::ZERO; supplies.len()],
            frozen: (0, 0),
            alive: vec![u64::MAX; words],
            trail: Trail {
                stamp: 0,
                seen: vec![0; nodes],
                next: vec![None; nodes],
                queue: VecDeque::new(),
                unseen: Vec::new(),
                first: vec![0; words],
            },
        }
    }

    /// Objective 1: the demands in order, each as much as those before it leave.
    pub(super) fn serve(&mut self) -> Result<(), Overflow> {
        for demand in 0..self.demands.len() {
            let asked = self.demands[demand].amount;
            while self.got[demand] < asked {
                let free = |one: &Self, node| match node {
                    Tranche(tranche) => one.used[tranche] < one.supplies[tranche].amount,
                    Level(..) => false,
                };
                let Some(from) = self.search(&[Level(demand, LAST)], free) else {
                    // What this search saw, no money reaches: later searches need not look there.
                    self.alive.clone_from(&self.trail.unseen);
                    break;
                };
                let Tranche(tranche) = from else { break };
                let stock = minus(self.supplies[tranche].amount, self.used[tranche])?;
                let most = stock.min(minus(asked, self.got[demand])?);
                let amount = self.lead(from, most)?;
                self.used[tranche] = plus(self.used[tranche], amount)?;
                self.got[demand] = plus(self.got[demand], amount)?;
            }
        }
        self.alive.fill(u64::MAX);
        Ok(())
    }

    /// Objective 3: the tranches in order, each instead of later ones as far as can be.
    pub(super) fn use_first_tranches(&mut self) -> Result<(), Overflow> {
        for tranche in 0..self.supplies.len() {
            while self.used[tranche] < self.supplies[tranche].amount {
                let later: Vec<Node> = (tranche.saturating_add(1)..self.supplies.len())
                    .filter(|other| self.used[*other].is_positive())
                    .map(Tranche)
                    .collect();
                let goal = |_: &Self, node| node == Tranche(tranche);
                let Some(from) = self.search(&later, goal) else { break };
                let Tranche(other) = self.root_of(from) else { break };
                let stock = minus(self.supplies[tranche].amount, self.used[tranche])?;
                let amount = self.lead(from, stock.min(self.used[other]))?;
                self.used[tranche] = plus(self.used[tranche], amount)?;
                self.used[other] = minus(self.used[other], amount)?;
            }
        }
        Ok(())
    }

    /// Objective 4: each cell in order as large as the objectives before allow.
    pub(super) fn canonical_cells(mut self) -> Result<Cells, Overflow> {
        for demand in 0..self.demands.len() {
            let mut open = self.got[demand];
            // The way leads through a tranche of the demand: it is tried as soon as it is seen.
            self.trail.first.fill(0);
            for (tranche, cell) in self.cells[demand].iter().enumerate() {
                if cell.is_positive() {
                    self.trail.first[tranche >> 6] |= bit(tranche);
                }
            }
            for tranche in 0..self.supplies.len() {
                let level = self.class[tranche];
                if self.fits[demand][level][tranche >> 6] & bit(tranche) == 0 {
                    continue;
                }
                self.frozen = (demand, tranche.saturating_add(1));
                open = minus(open, self.cells[demand][tranche])?;
                while open.is_positive() {
                    let goal = |_: &Self, node| node == Level(demand, level);
                    let Some(from) = self.search(&[Tranche(tranche)], goal) else { break };
                    let amount = self.lead(from, open)?;
                    self.put(demand, tranche, plus(self.cells[demand][tranche], amount)?);
                    open = minus(open, amount)?;
                }
                if !open.is_positive() {
                    break;
                }
            }
        }
        Ok(self.cells)
    }

    fn put(&mut self, demand: usize, tranche: usize, amount: Cents) {
        self.cells[demand][tranche] = amount;
        if amount.is_positive() {
            self.uses[tranche].insert(demand);
        } else {
            self.uses[tranche].remove(&demand);
        }
    }

    fn index(&self, node: Node) -> usize {
        match node {
            Tranche(tranche) => tranche,
            Level(demand, level) => demand
                .saturating_mul(LEVELS)
                .saturating_add(level)
                .saturating_add(self.supplies.len()),
        }
    }

    /// Walks back from the roots to the nearest node that `goal` accepts.
    fn search(&mut self, roots: &[Node], goal: impl Fn(&Self, Node) -> bool) -> Option<Node> {
        self.trail.stamp = self.trail.stamp.saturating_add(1);
        self.trail.queue.clear();
        self.trail.unseen.clone_from(&self.alive);
        for root in roots {
            self.see(*root, None);
        }
        let mut before = Vec::new();
        while let Some(node) = self.trail.queue.pop_front() {
            before.clear();
            self.before(node, &mut before);
            for from in &before {
                if self.see(*from, Some(node)) && goal(self, *from) {
                    return Some(*from);
                }
            }
        }
        None
    }

    /// Notes a node; false when it was seen already.
    fn see(&mut self, node: Node, next: Option<Node>) -> bool {
        let place = self.index(node);
        if self.trail.seen[place] == self.trail.stamp {
            return false;
        }
        self.trail.seen[place] = self.trail.stamp;
        self.trail.next[place] = next;
        match node {
            Tranche(tranche) => {
                self.trail.unseen[tranche >> 6] &= !bit(tranche);
                if self.trail.first[tranche >> 6] & bit(tranche) == 0 {
                    self.trail.queue.push_back(node);
                } else {
                    self.trail.queue.push_front(node);
                }
            }
            Level(..) => self.trail.queue.push_back(node),
        }
        true
    }

    /// The nodes from which money can be led to a node.
    fn before(&self, node: Node, found: &mut Vec<Node>) {
        match node {
            Tranche(tranche) => {
                let level = self.class[tranche];
                let (demand, first) = self.frozen;
                let open = demand.saturating_add(usize::from(tranche < first));
                found.extend(self.uses[tranche].range(open..).map(|one| Level(*one, level)));
            }
            Level(demand, level) => {
                let fits = self.fits[demand][level].iter().zip(&self.trail.unseen);
                for (word, (fits, unseen)) in fits.enumerate() {
                    let new = tranches_of(word, fits & unseen);
                    let free = new.filter(|tranche| (demand, *tranche) >= self.frozen);
                    found.extend(free.map(Tranche));
                }
                if let Some(below) = level.checked_sub(1)
                    && self.open(Level(demand, below), node).is_positive()
                {
                    found.push(Level(demand, below));
                }
                if level < LAST && self.through[demand][level].is_positive() {
                    found.push(Level(demand, level.saturating_add(1)));
                }
            }
        }
    }

    /// What can still be led from a node to the next.
    fn open(&self, from: Node, to: Node) -> Cents {
        match (from, to) {
            (Level(demand, level), Tranche(tranche)) => {
                debug_assert_eq!(level, self.class[tranche], "money leaves where it entered");
                self.cells[demand][tranche]
            }
            (Level(demand, level), Level(_, next)) if next > level => {
                let of = &self.demands[demand];
                let room = if level == 0 { of.eu_room } else { of.public_room };
                let through = self.through[demand][level];
                room.map_or(ENDLESS, |room| room.floored().minus(through).unwrap_or_default())
            }
            (Level(demand, _), Level(_, next)) => self.through[demand][next],
            (Tranche(_), _) => ENDLESS,
        }
    }

    fn next(&self, node: Node) -> Option<Node> {
        self.trail.next[self.index(node)]
    }

    /// Where the trail from a node ends.
    fn root_of(&self, node: Node) -> Node {
        let mut last = node;
        while let Some(next) = self.next(last) {
            last = next;
        }
        last
    }

    /// Leads up to `most` along the trail from a node; how much.
    fn lead(&mut self, from: Node, most: Cents) -> Result<Cents, Overflow> {
        let mut amount = most;
        let mut node = from;
        while let Some(next) = self.next(node) {
            amount = amount.min(self.open(node, next));
            node = next;
        }
        node = from;
        while let Some(next) = self.next(node) {
            match (node, next) {
                (Tranche(tranche), Level(demand, _)) => {
                    self.put(demand, tranche, plus(self.cells[demand][tranche], amount)?);
                }
                (Level(demand, _), Tranche(tranche)) => {
                    self.put(demand, tranche, minus(self.cells[demand][tranche], amount)?);
                }
                (Level(demand, level), Level(_, after)) if after > level => {
                    let through = &mut self.through[demand][level];
                    *through = plus(*through, amount)?;
                }
                (Level(demand, _), Level(_, after)) => {
                    let through = &mut self.through[demand][after];
                    *through = minus(*through, amount)?;
                }
                (Tranche(_), Tranche(_)) => {}
            }
            node = next;
        }
        Ok(amount)
    }
}
