//! Helpers that turn a fixed number of arguments into one value, or refuse: what would say
//! something else is not written.

use domain::{BasisPoints, Cents, UtcSeconds};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, ScopedJson,
};
use serde_json::Value;

/// Arguments to value; nothing means "not the kind I expected".
pub type Write = fn(&[&Value]) -> Option<Value>;

/// A helper with a fixed number of arguments.
struct Format {
    name: &'static str,
    arguments: usize,
    write: Write,
}

impl HelperDef for Format {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let given: Vec<&Value> = helper.params().iter().map(|param| param.value()).collect();
        let written = (given.len() == self.arguments && helper.hash().is_empty())
            .then(|| (self.write)(&given))
            .flatten();
        written.map(ScopedJson::Derived).ok_or_else(|| {
            RenderErrorReason::Other(format!("{}: wrong or missing argument", self.name)).into()
        })
    }
}

/// A helper that writes HTML which needs no escaping: drawings made of numbers, and cleaned text.
struct Written(Format);

impl HelperDef for Written {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let html = self.0.call_inner(helper, registry, context, render)?;
        out.write(html.as_json().as_str().unwrap_or_default())?;
        Ok(())
    }
}

/// Registers helpers whose value is HTML, ready to stand on the page.
pub fn add_html(registry: &mut Handlebars<'static>, formats: &[(&'static str, usize, Write)]) {
    for &(name, arguments, write) in formats {
        registry.register_helper(name, Box::new(Written(Format { name, arguments, write })));
    }
}

/// Registers helpers of a fixed number of arguments.
pub fn add(registry: &mut Handlebars<'static>, formats: &[(&'static str, usize, Write)]) {
    for &(name, arguments, write) in formats {
        registry.register_helper(name, Box::new(Format { name, arguments, write }));
    }
}

/// An amount in cents.
pub fn cents(value: &Value) -> Option<Cents> {
    value.as_i64().map(Cents::new)
}

/// A rate in basis points.
pub fn points(value: &Value) -> Option<BasisPoints> {
    value.as_i64().map(BasisPoints::new)
}

/// An instant, as pages and letters carry it.
pub fn instant(value: &Value) -> Option<UtcSeconds> {
    value.as_str()?.parse().ok()
}
