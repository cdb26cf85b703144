//! Receipts typeset on one core.

use std::time::{Duration, Instant};

use anyhow::ensure;
use documents::{Documents, ReceiptData};

/// The first one and the pace after it.
pub struct Papers {
    /// Milliseconds, with the loading of fonts and templates.
    pub first_ms: f64,
    /// Per second, on one thread.
    pub rate: f64,
}

/// Typesets receipts, each with other content, over and over for a while.
pub fn measure(receipts: &[ReceiptData], lasting: Duration) -> anyhow::Result<Papers> {
    ensure!(!receipts.is_empty(), "no receipt was issued");
    let began = Instant::now();
    let documents = Documents::new();
    documents.receipt(&receipts[0])?;
    let first_ms = began.elapsed().as_secs_f64() * 1e3;
    let (began, mut drawn) = (Instant::now(), 0_u32);
    for (n, receipt) in (0..).zip(receipts.iter().cycle()) {
        // Never the same twice: nothing may be remembered of the last time.
        let receipt = ReceiptData { number: format!("{}-{n}", receipt.number), ..receipt.clone() };
        documents.receipt(&receipt)?;
        drawn += 1;
        if began.elapsed() >= lasting {
            break;
        }
    }
    Ok(Papers { first_ms, rate: f64::from(drawn) / began.elapsed().as_secs_f64() })
}
