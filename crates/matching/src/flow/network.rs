//! A maximum flow (Dinic) that keeps its residual and always walks in the same order.

use std::collections::VecDeque;

use crate::exact::{Overflow, add, less};

/// More than any sum of money.
pub(super) const INFINITE: i128 = 1 << 100;

#[derive(Clone, Copy)]
struct Edge {
    to: usize,
    /// What can still flow; the twin's is what can flow back.
    open: i128,
}

/// A directed network. Edge `e` and its twin `e ^ 1` share one capacity.
pub(super) struct Network {
    edges: Vec<Edge>,
    leaving: Vec<Vec<usize>>,
}

impl Network {
    pub(super) fn new() -> Self {
        Self { edges: Vec::new(), leaving: Vec::new() }
    }

    pub(super) fn node(&mut self) -> usize {
        self.leaving.push(Vec::new());
        self.leaving.len().saturating_sub(1)
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, capacity: i128) -> usize {
        let edge = self.edges.len();
        self.edges.push(Edge { to, open: capacity });
        self.edges.push(Edge { to: from, open: 0 });
        for (node, edge) in [(from, edge), (to, edge ^ 1)] {
            if let Some(leaving) = self.leaving.get_mut(node) {
                leaving.push(edge);
            }
        }
        edge
    }

    fn open(&self, edge: usize) -> i128 {
        self.edges.get(edge).map_or(0, |edge| edge.open)
    }

    fn head(&self, edge: usize) -> usize {
        self.edges.get(edge).map_or(0, |edge| edge.to)
    }

    fn set_open(&mut self, edge: usize, open: i128) {
        if let Some(edge) = self.edges.get_mut(edge) {
            edge.open = open;
        }
    }

    /// Changes the capacity of an edge, its flow kept.
    pub(super) fn set_capacity(&mut self, edge: usize, capacity: i128) -> Result<(), Overflow> {
        let open = less(capacity, self.flow(edge))?;
        self.set_open(edge, open);
        Ok(())
    }

    /// What flows through an edge that began empty.
    pub(super) fn flow(&self, edge: usize) -> i128 {
        self.open(edge ^ 1)
    }

    /// Where an edge begins and ends.
    pub(super) fn ends(&self, edge: usize) -> (usize, usize) {
        (self.head(edge ^ 1), self.head(edge))
    }

    /// Nothing more flows through an edge, in either direction.
    pub(super) fn freeze(&mut self, edge: usize) {
        self.set_open(edge, 0);
        self.set_open(edge ^ 1, 0);
    }

    /// Pushes as much as can flow from one node to another, on top of what flows.
    pub(super) fn push(&mut self, from: usize, to: usize) -> Result<i128, Overflow> {
        let mut total = 0;
        while let Some(levels) = self.levels(from, to) {
            let mut next = vec![0; self.leaving.len()];
            loop {
                let pushed = self.advance(from, to, &levels, &mut next)?;
                if pushed == 0 {
                    break;
                }
                total = add(total, pushed)?;
            }
        }
        Ok(total)
    }

    /// Distance of each node from `from`, when `to` is within reach.
    fn levels(&self, from: usize, to: usize) -> Option<Vec<Option<usize>>> {
        let mut levels: Vec<Option<usize>> = vec![None; self.leaving.len()];
        *levels.get_mut(from)? = Some(0);
        let mut queue = VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            let next = levels.get(node).copied().flatten()?.checked_add(1)?;
            for edge in self.leaving.get(node)? {
                let head = self.head(*edge);
                let level = levels.get_mut(head)?;
                if self.open(*edge) > 0 && level.is_none() {
                    *level = Some(next);
                    queue.push_back(head);
                }
            }
        }
        levels.get(to).copied().flatten().map(|_| levels)
    }

    /// One augmenting path along the levels; 0 when there is none left.
    fn advance(
        &mut self,
        from: usize,
        to: usize,
        levels: &[Option<usize>],
        next: &mut [usize],
    ) -> Result<i128, Overflow> {
        let mut path: Vec<usize> = Vec::new();
        let mut node = from;
        while node != to {
            match self.step(node, levels, next) {
                Some(edge) => {
                    path.push(edge);
                    node = self.head(edge);
                }
                None => {
                    // A dead end: the edge that led here is not tried again.
                    let Some(edge) = path.pop() else { return Ok(0) };
                    node = self.head(edge ^ 1);
                    if let Some(next) = next.get_mut(node) {
                        *next = next.saturating_add(1);
                    }
                }
            }
        }
        let pushed = path.iter().map(|edge| self.open(*edge)).min().unwrap_or(0);
        for edge in path {
            self.set_open(edge, less(self.open(edge), pushed)?);
            self.set_open(edge ^ 1, add(self.open(edge ^ 1), pushed)?);
        }
        Ok(pushed)
    }

    /// The next edge of a node that leads one level on.
    fn step(&self, node: usize, levels: &[Option<usize>], next: &mut [usize]) -> Option<usize> {
        let further = levels.get(node).copied().flatten()?.checked_add(1);
        let place = next.get_mut(node)?;
        let leaving = self.leaving.get(node)?;
        while let Some(edge) = leaving.get(*place) {
            let level = levels.get(self.head(*edge)).copied().flatten();
            if self.open(*edge) > 0 && level == further {
                return Some(*edge);
            }
            *place = place.saturating_add(1);
        }
        None
    }
}
