//! Parameters as Stripe takes them: forms whose names have brackets, `line_items[0][quantity]=1`.

use std::collections::BTreeMap;

use super::super::{objects::Metadata, refusal::Refusal};

/// Parameters of a call, by their whole name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a query or a body. `a[]` counts up, so that no value hides another.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        let mut fields = BTreeMap::new();
        for (place, pair) in text.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let bad = || Refusal::invalid(None, "A parameter is not valid UTF-8.");
            let name = decoded(name).ok_or_else(bad)?;
            let name = name.replace("[]", &format!("[{place}]"));
            fields.insert(name, decoded(value).ok_or_else(bad)?);
        }
        Ok(Self(fields))
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub fn must(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            let message = format!("Missing required param: {name}.");
            Refusal::invalid(Some("parameter_missing"), message)
        })
    }

    pub fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let read = |text: &str| {
            let wrong = |_| Refusal::invalid(None, format!("{name}: invalid integer: {text}"));
            text.parse().map_err(wrong)
        };
        self.get(name).map(read).transpose()
    }

    /// `metadata[gift]` and its like.
    pub fn words(&self, name: &str) -> Metadata {
        let begin = format!("{name}[");
        let inner = |(key, value): (&String, &String)| {
            let key = key.strip_prefix(&begin)?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(inner).collect()
    }

    /// `expand[0]`, `expand[1]`…
    pub fn list(&self, name: &str) -> Vec<String> {
        let begin = format!("{name}[");
        let fits = |(key, _): &(&String, &String)| key.starts_with(&begin);
        self.0.iter().filter(fits).map(|(_, value)| value.clone()).collect()
    }

    /// Refuses parameters that this call does not know, as Stripe does.
    pub fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let first = |name: &String| name.split('[').next().unwrap_or_default().to_owned();
        match self.0.keys().map(first).find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let text = format!("Received unknown parameter: {name}");
                Err(Refusal::invalid(Some("parameter_unknown"), text))
            }
        }
    }

    /// All of it, always in the same order.
    pub fn canonical(&self) -> String {
        format!("{:?}", self.0)
    }
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let pair = [rest.next()?, rest.next()?];
                bytes.extend(hex::decode(pair).ok()?);
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bracketed_names_are_read() {
        let form = Form::read(
            "line_items[0][price_data][unit_amount]=2000&metadata%5Bgift%5D=a%26b&expand[]=x\
             &expand[]=y&label=Un+bus+%C3%A0+Gu%C3%A9ret&empty=",
        )
        .unwrap();
        assert_eq!(form.number("line_items[0][price_data][unit_amount]"), Ok(Some(2_000)));
        assert_eq!(form.words("metadata").get("gift").map(String::as_str), Some("a&b"));
        assert_eq!(form.list("expand"), ["x", "y"]);
        assert_eq!(form.get("label"), Some("Un bus à Guéret"));
        assert_eq!(form.get("empty"), None);
        assert!(form.only(&["line_items", "metadata", "expand", "label"]).is_err());
        assert!(Form::read("a=%FF").is_err() && Form::read("a=%2").is_err());
    }

    #[test]
    fn the_order_of_parameters_does_not_matter() {
        let one = Form::read("a=1&b[c]=2").unwrap().canonical();
        assert_eq!(one, Form::read("b[c]=2&a=1").unwrap().canonical());
    }
}
