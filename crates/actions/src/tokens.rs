//! Words nobody can guess.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngCore;

/// 128 random bits as 22 characters of an address.
#[must_use]
pub fn fresh() -> String {
    random::<16>()
}

/// 256 random bits as 43 characters of a cookie.
#[must_use]
pub fn long() -> String {
    random::<32>()
}

fn random<const BYTES: usize>() -> String {
    let mut bytes = [0_u8; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A code to read aloud: ten letters and digits that cannot be confused, in two groups.
#[must_use]
pub fn code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; 10];
    rand::rng().fill_bytes(&mut bytes);
    let letters: String =
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    format!("{}-{}", &letters[..5], &letters[5..])
}
