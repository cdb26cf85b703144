//! Reading: an absent optional key equals `null`, whatever its default.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use domain::BasisPoints;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// `null` as the default of the type.
pub(crate) fn or_default<'de, D, T>(input: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(input).map(Option::unwrap_or_default)
}

/// An object in which no key stands twice.
pub(crate) fn unique<'de, D, T>(input: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    input.deserialize_map(UniqueKeys(PhantomData))
}

/// The same, or `null`.
pub(crate) fn unique_or_none<'de, D, T>(input: D) -> Result<Option<BTreeMap<String, T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    #[derive(Deserialize)]
    #[serde(transparent, bound = "T: Deserialize<'de>")]
    struct Keyed<T>(#[serde(deserialize_with = "unique")] BTreeMap<String, T>);

    Option::<Keyed<T>>::deserialize(input).map(|read| read.map(|keyed| keyed.0))
}

struct UniqueKeys<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for UniqueKeys<T> {
    type Value = BTreeMap<String, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut read = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value()?;
            if read.contains_key(&key) {
                return Err(A::Error::custom(format_args!("key `{key}` stands twice")));
            }
            read.insert(key, value);
        }
        Ok(read)
    }
}

fn rate_or<'de, D: Deserializer<'de>>(input: D, rate: i64) -> Result<BasisPoints, D::Error> {
    let read = Option::<BasisPoints>::deserialize(input)?;
    Ok(read.unwrap_or(BasisPoints::new(rate)))
}

fn number_or<'de, D: Deserializer<'de>>(input: D, number: i64) -> Result<i64, D::Error> {
    Option::<i64>::deserialize(input).map(|read| read.unwrap_or(number))
}

macro_rules! defaults {
    ($($module:ident: $type:ty = $value:expr, $from:ident;)+) => {
        $(
            pub(crate) mod $module {
                #[allow(unused_imports, reason = "only some of the types are rates")]
                use super::*;

                pub(crate) fn absent() -> $type {
                    <$type>::from_default($value)
                }

                pub(crate) fn read<'de, D: Deserializer<'de>>(i: D) -> Result<$type, D::Error> {
                    $from(i, $value)
                }
            }
        )+
    };
}

trait FromDefault {
    fn from_default(number: i64) -> Self;
}

impl FromDefault for i64 {
    fn from_default(number: i64) -> Self {
        number
    }
}

impl FromDefault for BasisPoints {
    fn from_default(number: i64) -> Self {
        Self::new(number)
    }
}

defaults! {
    leverage: BasisPoints = 30_000, rate_or;
    trust: BasisPoints = 10_000, rate_or;
    ttl: i64 = 1_800, number_or;
    grace: i64 = 900, number_or;
    years: i64 = 3, number_or;
}
