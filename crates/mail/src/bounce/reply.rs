//! The meaning of an SMTP reply.

use super::{Bounce, Enhanced};

/// Words by which servers say that nobody lives there, whatever code they choose.
const NOBODY: [&str; 10] = [
    "user unknown",
    "unknown user",
    "no such user",
    "no such recipient",
    "does not exist",
    "doesn't exist",
    "recipient not found",
    "mailbox not found",
    "unknown recipient",
    "unknown in virtual",
];

/// Words that speak of us rather than of the address.
const ABOUT_US: [&str; 12] = [
    "spam",
    "blocked",
    "blacklist",
    "blocklist",
    "block list",
    "policy",
    "reputation",
    "spf",
    "dkim",
    "dmarc",
    "relay",
    "banned",
];

/// What a negative reply says: its code, its text, and whether it came when the recipient was named
/// rather than after the text. The enhanced code decides; words decide where there is none, or
/// where servers are known to misuse theirs.
#[must_use]
pub fn of_reply(code: u16, text: &str, recipient_named: bool) -> Bounce {
    if code < 500 {
        return Bounce::Soft;
    }
    let words = text.to_lowercase();
    let says = |list: &[&str]| list.iter().any(|phrase| words.contains(phrase));
    if says(&NOBODY) {
        return Bounce::Hard;
    }
    let own_class = |found: &Enhanced| found.class == code / 100;
    match Enhanced::leading(text).filter(own_class) {
        Some(enhanced) => of_enhanced(enhanced),
        None if says(&ABOUT_US) => Bounce::Policy,
        None => of_code(code, recipient_named),
    }
}

/// What an enhanced status says by itself.
pub fn of_enhanced(enhanced: Enhanced) -> Bounce {
    match (enhanced.class, enhanced.subject, enhanced.detail) {
        (4, ..) => Bounce::Soft,
        // Bad sender's address: ours.
        (_, 1, 7 | 8) => Bounce::Policy,
        // Addressing; a disabled mailbox; a domain without route.
        (_, 1, _) | (_, 2, 1) | (_, 4, 4) => Bounce::Hard,
        // Message too long for it.
        (_, 2, 3) => Bounce::Policy,
        (_, 2, _) | (_, 4, _) => Bounce::Soft,
        _ => Bounce::Policy,
    }
}

fn of_code(code: u16, recipient_named: bool) -> Bounce {
    match code {
        // RFC 7504: a host, or a domain, that takes no mail at all.
        521 | 556 => Bounce::Hard,
        550 | 551 | 553 if recipient_named => Bounce::Hard,
        552 => Bounce::Soft,
        _ => Bounce::Policy,
    }
}
