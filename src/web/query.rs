//! Pairs of names and values, as browsers write them in an address or in a form.

use std::fmt::Write;

/// `application/x-www-form-urlencoded`, as the URL standard reads it: never fails.
#[must_use]
pub fn pairs(text: &[u8]) -> Vec<(String, String)> {
    text.split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = halves.next().map(decoded).unwrap_or_default();
            (name, halves.next().map(decoded).unwrap_or_default())
        })
        .collect()
}

fn decoded(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|two| {
            std::str::from_utf8(two).ok().filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()))
        });
        match (first, hex) {
            (b'%', Some(two)) => {
                bytes.push(u8::from_str_radix(two, 16).unwrap_or_default());
                rest = &tail[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Writes pairs for an address.
#[must_use]
pub fn written<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode(name, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(value: &str, text: &mut String) {
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            other => {
                let _ = write!(text, "%{other:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_survive_a_round_trip() {
        let read = pairs("q=caf%C3%A9+%26+th%C3%A9&dep=2A&vide=&seul&cass%E9=%zz".as_bytes());
        let expected = [
            ("q", "café & thé"),
            ("dep", "2A"),
            ("vide", ""),
            ("seul", ""),
            ("cass\u{fffd}", "%zz"),
        ];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let text = written([("q", "café & thé"), ("dep", "2A")]);
        assert_eq!(text, "q=caf%C3%A9+%26+th%C3%A9&dep=2A");
    }
}
