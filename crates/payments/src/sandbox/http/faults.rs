//! What goes wrong on purpose: a script of faults, each used once.

use serde::{Deserialize, Serialize};

/// Whether a fault strikes before the call has had its effect, or after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing was done.
    #[default]
    Before,
    /// It was done.
    After,
}

/// A fault of one API call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CallFault {
    /// Which of the calls that fit, from 0.
    pub index: u64,
    /// `POST`, `GET`; none: either.
    pub method: Option<String>,
    /// How the path begins; none: any.
    pub path: Option<String>,
    /// Waits so long first (before), or with the answer (after), in milliseconds.
    pub delay_ms: u64,
    /// Answers this: 429, 500… After the effect it is kept under the idempotency key, as the
    /// provider keeps its own errors.
    pub status: Option<u16>,
    /// Closes the connection without an answer; the true one is kept under the key.
    pub reset: bool,
    /// Before or after the effect.
    pub when: When,
}

/// A fault of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EventFault {
    /// Which of the events that fit, from 0.
    pub index: u64,
    /// Its type; none: any.
    pub kind: Option<String>,
    /// Sent so much later, in milliseconds.
    pub delay_ms: u64,
    /// Never sent.
    pub drop: bool,
    /// Sent so many times more.
    pub duplicate: u32,
    /// Sent after the event that follows it.
    pub reorder: bool,
}

/// A fault script; a new one replaces the old.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultScript {
    /// Faults of calls.
    pub calls: Vec<CallFault>,
    /// Faults of events.
    pub events: Vec<EventFault>,
}

/// The script that is playing.
#[derive(Debug, Default)]
pub struct Faults {
    calls: Vec<(u64, CallFault)>,
    events: Vec<(u64, EventFault)>,
}

impl Faults {
    pub fn play(&mut self, script: FaultScript) {
        self.calls = script.calls.into_iter().map(|fault| (0, fault)).collect();
        self.events = script.events.into_iter().map(|fault| (0, fault)).collect();
    }

    /// The fault of this call, if it is its turn.
    pub fn of_call(&mut self, method: &str, path: &str) -> Option<CallFault> {
        turn(&mut self.calls, |fault| {
            let fits = fault.method.as_deref().is_none_or(|wanted| wanted == method)
                && fault.path.as_deref().is_none_or(|wanted| path.starts_with(wanted));
            fits.then_some(fault.index)
        })
    }

    /// The fault of this event, if it is its turn.
    pub fn of_event(&mut self, kind: &str) -> Option<EventFault> {
        turn(&mut self.events, |fault| {
            fault.kind.as_deref().is_none_or(|wanted| wanted == kind).then_some(fault.index)
        })
    }
}

/// Counts a call for each fault that it fits; takes out the first whose turn it is.
fn turn<F>(faults: &mut Vec<(u64, F)>, index: impl Fn(&F) -> Option<u64>) -> Option<F> {
    let mut struck = None;
    for (place, (seen, fault)) in faults.iter_mut().enumerate() {
        let Some(index) = index(fault) else { continue };
        if *seen == index && struck.is_none() {
            struck = Some(place);
        } else {
            *seen += 1;
        }
    }
    struck.map(|place| faults.remove(place).1)
}
