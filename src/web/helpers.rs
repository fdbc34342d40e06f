//! What templates can call: `t` for words, `date`, `moment`, `asset`, `app_words`.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use serde_json::Value;

use super::assets;
use super::locale::{Locale, Texts};
use crate::base::Timestamp;

pub(super) fn register(registry: &mut Handlebars<'static>, texts: &Arc<Texts>) {
    registry.register_helper("t", Box::new(Words(Arc::clone(texts))));
    let when = |name, write| When {
        name,
        texts: Arc::clone(texts),
        write,
    };
    registry.register_helper("date", Box::new(when("date", Texts::date)));
    registry.register_helper("moment", Box::new(when("moment", Texts::moment)));
    registry.register_helper("asset", Box::new(asset));
    registry.register_helper("app_words", Box::new(AppWords(Arc::clone(texts))));
}

/// `{{t "key"}}`: several parameters are joined into one key; `name=value` fills variables, `args=object` several.
struct Words(Arc<Texts>);

impl HelperDef for Words {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let mut key = String::new();
        for part in h.params() {
            match part.value() {
                Value::String(text) => key.push_str(text),
                _ => return Err(RenderErrorReason::MissingVariable(part.relative_path().cloned()).into()),
            }
        }
        let mut args = FluentArgs::new();
        for (name, value) in h.hash() {
            if value.is_value_missing() {
                return Err(RenderErrorReason::MissingVariable(value.relative_path().cloned()).into());
            }
            match value.value() {
                Value::Object(several) => several.iter().for_each(|(n, v)| args.set(n.clone(), variable(v))),
                one => args.set((*name).to_owned(), variable(one)),
            }
        }
        let text = self.0.get(locale_of(ctx), &key, &args);
        let text = text.ok_or_else(|| RenderErrorReason::Other(format!("there are no words for \"{key}\"")))?;
        Ok(ScopedJson::from(Value::String(text)))
    }
}

/// Nothing selects the variant `unknown`.
fn variable(value: &Value) -> FluentValue<'static> {
    match value {
        Value::Number(n) => FluentValue::from(n.as_f64().unwrap_or_default()),
        Value::String(s) => FluentValue::from(s.clone()),
        _ => FluentValue::from("unknown"),
    }
}

fn locale_of(ctx: &Context) -> Locale {
    let tag = ctx.data().pointer("/frame/locale").and_then(Value::as_str);
    tag.and_then(Locale::of_tag).unwrap_or_default()
}

/// `{{date timestamp}}`, `{{moment timestamp}}`
struct When {
    name: &'static str,
    texts: Arc<Texts>,
    write: fn(&Texts, Locale, Timestamp) -> String,
}

impl HelperDef for When {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let micros = h.param(0).and_then(|p| p.value().as_i64());
        let at = micros.ok_or(RenderErrorReason::ParamNotFoundForIndex(self.name, 0))?;
        let text = (self.write)(&self.texts, locale_of(ctx), Timestamp::from_micros(at));
        Ok(ScopedJson::from(Value::String(text)))
    }
}

/// `{{app_words}}`: the words of the phone app as JSON, for an attribute.
struct AppWords(Arc<Texts>);

impl HelperDef for AppWords {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        ctx: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let words = serde_json::to_string(&self.0.app(locale_of(ctx)));
        let words = words.map_err(|e| RenderErrorReason::Other(e.to_string()))?;
        Ok(ScopedJson::from(Value::String(words)))
    }
}

/// `{{asset "file"}}`: its address with the hash of its content.
fn asset(
    h: &Helper<'_>,
    _: &Handlebars<'_>,
    ctx: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let file = h.param(0).and_then(|p| p.value().as_str()).unwrap_or_default();
    let base = ctx
        .data()
        .pointer("/frame/base")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let address = assets::address(base, file)
        .ok_or_else(|| RenderErrorReason::Other(format!("there is no file \"{file}\" in static/")))?;
    Ok(out.write(&handlebars::html_escape(&address))?)
}
