//! Digests that bind what was decided: canonical JSON, the day's Merkle tree, the chain of days.

use std::{fmt, fmt::Write as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256 digest, written in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// 32 zero bytes: what stands before the first seal.
    pub const ZERO: Self = Self([0; 32]);

    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// The text is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits")]
pub struct NotADigest;

impl TryFrom<String> for Digest {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| NotADigest)?;
        Ok(Self(bytes))
    }
}

/// Why a value has no canonical form here.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// It does not become JSON.
    #[error("not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// A number that is not an integer of at most 2^53, the range RFC 8785 writes exactly.
    #[error("not an integer that JSON readers hold exactly")]
    Number,
}

/// Canonical JSON (RFC 8785): keys sorted by UTF-16 code units, no space, shortest escapes.
/// Numbers are integers up to 2^53 in size.
///
/// # Errors
/// When the value holds a number outside that range, or is not JSON.
pub fn canonical<T: Serialize + ?Sized>(value: &T) -> Result<String, NotCanonical> {
    let mut out = String::new();
    write_value(&serde_json::to_value(value)?, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => {
            const EXACT: i64 = 1 << 53;
            let number = number.as_i64().filter(|n| (-EXACT..=EXACT).contains(n));
            let _ = write!(out, "{}", number.ok_or(NotCanonical::Number)?);
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_value(item, out)?;
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write_value(map.get(key).unwrap_or(&Value::Null), out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// SHA-256 of the canonical JSON alone: the digest of a state.
///
/// # Errors
/// When the value has no canonical form.
pub fn digest<T: Serialize + ?Sized>(value: &T) -> Result<Digest, NotCanonical> {
    Ok(Digest::of(&[canonical(value)?.as_bytes()]))
}

/// SHA-256 of 0x00 and the canonical JSON: the digest of a record, a leaf of the day's tree.
///
/// # Errors
/// When the value has no canonical form.
pub fn leaf<T: Serialize + ?Sized>(record: &T) -> Result<Digest, NotCanonical> {
    Ok(Digest::of(&[&[0], canonical(record)?.as_bytes()]))
}

fn node(left: Digest, right: Digest) -> Digest {
    Digest::of(&[&[1], &left.0, &right.0])
}

/// Where RFC 6962 splits: the largest power of two below the count (of two or more).
fn split(count: usize) -> usize {
    count.next_power_of_two().checked_shr(1).unwrap_or(0)
}

/// The root of the day's tree (RFC 6962); SHA-256 of nothing for a day without records.
#[must_use]
pub fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(&[]),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(root(left), root(right))
        }
    }
}

/// On which side of the running digest a neighbour stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Before it.
    Left,
    /// After it.
    Right,
}

/// The path from a leaf to the root: the neighbours met on the way up.
#[must_use]
pub fn path(leaves: &[Digest], index: usize) -> Option<Vec<(Side, Digest)>> {
    leaves.get(index)?;
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut steps, neighbour) = match index.checked_sub(left.len()) {
        None => (path(left, index)?, (Side::Right, root(right))),
        Some(index) => (path(right, index)?, (Side::Left, root(left))),
    };
    steps.push(neighbour);
    Some(steps)
}

/// The root that a leaf and its path lead to: equal to the sealed one when the record stood.
#[must_use]
pub fn climb(leaf: Digest, path: &[(Side, Digest)]) -> Digest {
    path.iter().fold(leaf, |below, (side, neighbour)| match side {
        Side::Left => node(*neighbour, below),
        Side::Right => node(below, *neighbour),
    })
}

/// The seal of a day: the seal before (`Digest::ZERO` before the first), the root, the date.
#[must_use]
pub fn seal(previous: Digest, root: Digest, day: time::Date) -> Digest {
    let (month, date) = (u8::from(day.month()), day.day());
    let day = format!("{:04}-{month:02}-{date:02}", day.year());
    Digest::of(&[&[2], &previous.0, &root.0, day.as_bytes()])
}
