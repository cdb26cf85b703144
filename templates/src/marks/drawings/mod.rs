//! Helpers that draw: the comb, the map of hexagons, bars, landscapes. All geometry is in
//! attributes: the content policy blocks `style=`.

mod bars;
pub mod comb;
mod landscape;
mod lineage;
mod map;

use domain::{Cents, place};
use handlebars::Handlebars;
use serde_json::Value;

use crate::{
    assets::static_url,
    format::{add, add_html},
};

pub fn register(registry: &mut Handlebars<'static>) {
    add(registry, &[("paysage", 1, |a| landscape_of(a[0].as_str()?).map(Value::from))]);
    add_html(
        registry,
        &[
            ("peigne_campagne", 2, |a| {
                let (totals, size) = (comb::Totals::read(a[0])?, comb::Size::read(a[1])?);
                Some(comb::campaign(&totals, size).into())
            }),
            ("peigne_don", 3, |a| {
                let (gift, matched) = (cents(a[0])?, cents(a[1])?);
                Some(comb::gift(gift, matched, comb::Size::read(a[2])?).into())
            }),
            ("hexcarte", 2, |a| Some(map::map(a[0].as_array()?, a[1].as_bool()?)?.into())),
            ("barre", 4, |a| {
                let parts = [a[1].as_i64()?, a[2].as_i64()?, a[3].as_i64()?];
                Some(bars::bar(a[0].as_i64()?, parts).into())
            }),
            ("lignee", 1, |a| Some(lineage::draw(a[0].as_array()?)?.into())),
        ],
    );
}

fn landscape_of(departement: &str) -> Option<String> {
    place::departement(departement)?;
    static_url(&format!("svg/{}.svg", landscape::of(departement)))
}

fn cents(value: &Value) -> Option<Cents> {
    value.as_i64().map(Cents::new)
}

/// A length in tenths, written with the decimal it has.
fn length(tenths: i64) -> String {
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        rest => format!("{}.{}", tenths / 10, rest.abs()),
    }
}
