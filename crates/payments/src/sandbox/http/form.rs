//! Parameters as the provider takes them: forms whose names have brackets,
//! `line_items[0][quantity]=1`.

use crate::sandbox::{objects::Metadata, refusal::Refusal};

/// Parameters of a call, by their whole name, in their order.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(name)?, decoded(value)?))
        });
        let fields: Option<Vec<_>> = pairs.collect();
        let garbled = || Refusal::invalid(None, "Invalid request: a parameter is not UTF-8");
        fields.map(Self).ok_or_else(garbled)
    }

    /// Parameters we know; the provider refuses others, and so do we.
    pub fn only(&self, known: &str) -> Result<(), Refusal> {
        for (name, _) in &self.0 {
            let first = name.split('[').next().unwrap_or_default();
            if !known.split_whitespace().any(|one| one == first) {
                let message = format!("Received unknown parameter: {first}");
                return Err(Refusal::invalid(Some("parameter_unknown"), message).about(first));
            }
        }
        Ok(())
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut named = self.0.iter().filter(|(key, _)| key == name);
        named.next_back().map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub fn must(&self, name: &str) -> Result<String, Refusal> {
        let missing = || {
            let message = format!("Missing required param: {name}.");
            Refusal::invalid(Some("parameter_missing"), message).about(name)
        };
        self.text(name).ok_or_else(missing)
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let read = |text: &str| {
            let message = format!("Invalid integer: {text}");
            let wrong = |_| Refusal::invalid(Some("parameter_invalid_integer"), message);
            text.parse().map_err(wrong).map_err(|refusal| refusal.about(name))
        };
        self.get(name).map(read).transpose()
    }

    /// `metadata[gift]` and its like.
    pub fn metadata(&self, name: &str) -> Metadata {
        let inner = |(key, value): &(String, String)| {
            let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(inner).collect()
    }

    /// `expand[]`, `expand[0]`, `expand[1]`…
    pub fn list(&self, name: &str) -> Vec<&str> {
        let inside = |key: &str| {
            let place = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            place.bytes().all(|byte| byte.is_ascii_digit()).then_some(())
        };
        let fits = self.0.iter().filter(|(key, _)| inside(key).is_some());
        fits.map(|(_, value)| value.as_str()).collect()
    }
}

/// A form's text, its `+` and `%41` undone.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                out.push(hex::decode(bytes.get(at + 1..at + 3)?).ok()?[0]);
                at += 2;
            }
            other => out.push(other),
        }
        at += 1;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bracketed_names_are_read_however_they_are_written() {
        let text =
            "metadata%5Bgift%5D=a%26b+c&expand[]=one&expand%5B1%5D=two&line_items[0][q]=3&e=";
        let form = Form::read(text).unwrap();
        assert_eq!(form.metadata("metadata")["gift"], "a&b c");
        assert_eq!(form.list("expand"), ["one", "two"]);
        assert_eq!(form.number("line_items[0][q]").unwrap(), Some(3));
        assert_eq!(form.get("e"), None);
        assert_eq!(form.must("e").unwrap_err().param.as_deref(), Some("e"));
        assert_eq!(form.only("metadata expand e").unwrap_err().code, Some("parameter_unknown"));
        assert!(form.only("metadata expand e line_items").is_ok());
        for bad in ["a=%ff", "a=%4", "a=%zz", "%c3=1"] {
            assert!(Form::read(bad).is_err(), "{bad}");
        }
        assert!(Form::read("a=é").unwrap().number("a").is_err());
    }
}
