//! A bar on the terminal; one line now and then where there is no terminal.

use std::{
    io::{IsTerminal, Write, stdout},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

/// How far the past has been played.
pub struct Bar {
    gifts: usize,
    started: Instant,
    terminal: bool,
    told: AtomicUsize,
}

const WIDTH: usize = 30;

impl Bar {
    /// A bar for a past of so many gifts.
    #[must_use]
    pub fn new(gifts: usize) -> Self {
        println!("  Le passé de la démonstration se joue : {gifts} dons sur soixante jours.");
        let terminal = stdout().is_terminal();
        Self { gifts, started: Instant::now(), terminal, told: AtomicUsize::new(0) }
    }

    /// Shows progress, at each per cent on a terminal and at each quarter elsewhere.
    pub fn tell(&self, done: usize, total: usize) {
        let percent = done * 100 / total.max(1);
        let step = if self.terminal { 1 } else { 25 };
        if percent < self.told.load(Ordering::Relaxed) + step {
            return;
        }
        self.told.store(percent, Ordering::Relaxed);
        let filled = WIDTH * percent / 100;
        let bar = format!("{}{}", "█".repeat(filled), "░".repeat(WIDTH - filled));
        if self.terminal {
            print!("\r  {bar} {percent:>3} %");
            // A terminal that went away is no reason to stop.
            let _ = stdout().flush();
        } else {
            println!("  {bar} {percent:>3} %");
        }
    }

    /// Says that it is over, and how long it took.
    pub fn done(&self) {
        if self.terminal {
            println!();
        }
        let seconds = self.started.elapsed().as_secs();
        println!("  Le passé est joué : {} dons en {seconds} s.", self.gifts);
    }
}
