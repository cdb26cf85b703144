//! Names become numbers when a ledger is read: small keys, and nothing to copy.
//!
//! What is declared is numbered in the order of its names, so that numbers sort as names do.

use std::{
    collections::{BTreeSet, HashMap},
    marker::PhantomData,
    ops::{Index, IndexMut},
};

/// A place in a [`Table`].
pub(super) trait Number: Copy {
    fn new(place: usize) -> Self;
    fn place(self) -> usize;
}

macro_rules! numbers {
    ($($name:ident: $doc:literal;)+) => {
        $(
            #[doc = $doc]
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub(super) struct $name(usize);

            impl Number for $name {
                fn new(place: usize) -> Self {
                    Self(place)
                }

                fn place(self) -> usize {
                    self.0
                }
            }
        )+
    };
}

numbers! {
    CampaignNo: "A campaign.";
    DonorNo: "A donor.";
    GroupNo: "A donor group.";
    UndertakingNo: "The undertaking of a holder.";
    TerritoryNo: "A territory in which envelopes are kept.";
    PotNo: "A pot.";
    TrancheNo: "A tranche of its pot, in the order in which they came.";
    RuleNo: "A version of a rule set.";
    RuleIdNo: "A rule set, all versions together.";
    GiftNo: "A gift, in the order in which they began.";
}

/// Rows by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table<N, T> {
    rows: Vec<T>,
    numbers: PhantomData<N>,
}

impl<N: Number, T> Table<N, T> {
    pub(super) fn with_room(rows: usize) -> Self {
        Self { rows: Vec::with_capacity(rows), numbers: PhantomData }
    }

    pub(super) fn push(&mut self, row: T) -> N {
        self.rows.push(row);
        N::new(self.rows.len().saturating_sub(1))
    }

    pub(super) fn pop(&mut self) {
        self.rows.pop();
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = N> + use<N, T> {
        (0..self.rows.len()).map(N::new)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (N, &T)> {
        self.rows.iter().enumerate().map(|(place, row)| (N::new(place), row))
    }

    pub(super) fn rows(&self) -> &[T] {
        &self.rows
    }
}

impl<N, T> FromIterator<T> for Table<N, T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self { rows: rows.into_iter().collect(), numbers: PhantomData }
    }
}

impl<N: Number, T> Index<N> for Table<N, T> {
    type Output = T;

    fn index(&self, number: N) -> &T {
        &self.rows[number.place()]
    }
}

impl<N: Number, T> IndexMut<N> for Table<N, T> {
    fn index_mut(&mut self, number: N) -> &mut T {
        &mut self.rows[number.place()]
    }
}

/// The numbers of some names, and back. Hashed, never walked in an order of its own.
pub(super) struct Names<'l, N> {
    numbers: HashMap<&'l str, N>,
    names: Table<N, &'l str>,
}

impl<'l, N: Number> Names<'l, N> {
    pub(super) fn of(names: impl IntoIterator<Item = &'l str>) -> Self {
        let names: BTreeSet<&str> = names.into_iter().collect();
        let names: Table<N, &str> = names.into_iter().collect();
        Self { numbers: names.iter().map(|(number, name)| (*name, number)).collect(), names }
    }

    pub(super) fn number(&self, name: &str) -> Option<N> {
        self.numbers.get(name).copied()
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = N> + use<N> {
        let count = self.names.rows().len();
        (0..count).map(N::new)
    }

    pub(super) fn name(&self, number: N) -> &'l str {
        self.names[number]
    }
}
