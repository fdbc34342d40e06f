//! The template engine that pages and letters share: ours, and the operator's of the same name, which replace them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use handlebars::{Handlebars, RenderError, TemplateError};
use rust_embed::RustEmbed;

use super::helpers;
use super::locale::{LocaleError, Texts};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// Templates and words, read once.
pub(super) struct Engine {
    pub registry: Handlebars<'static>,
    pub texts: Arc<Texts>,
    sources: Sources,
}

impl Engine {
    /// The built-in templates; a file of the same name below `override_dir` replaces one.
    pub fn load(override_dir: Option<&Path>) -> Result<Self, Error> {
        let texts = Arc::new(Texts::load()?);
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        // Indentation of a partial must not creep into what it shows.
        registry.set_prevent_indent(true);
        helpers::register(&mut registry, &texts);
        let mut sources = embedded(&mut registry)?;
        if let Some(dir) = override_dir {
            overrides(&mut registry, &mut sources, dir)?;
        }
        Ok(Self {
            registry,
            texts,
            sources,
        })
    }

    /// A fault of rendering `template`, with the file and the line that an operator can mend.
    pub fn name(&self, template: &str, fault: &RenderError) -> Error {
        let name = fault.template_name.as_deref().unwrap_or(template);
        Error::Template {
            file: self.sources.get(name).cloned().unwrap_or_else(|| PathBuf::from(name)),
            line: fault.line_no,
            reason: one_line(&fault.reason().to_string()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Locale(#[from] LocaleError),
    #[error("{}{}: {reason}", .file.display(), line_suffix(.line))]
    Template {
        file: PathBuf,
        line: Option<usize>,
        reason: String,
    },
    #[error("{}: no page of ours is called so; take a path from templates/", .file.display())]
    UnknownTemplate { file: PathBuf },
    #[error("{}: {source}", .file.display())]
    Read { file: PathBuf, source: std::io::Error },
}

fn line_suffix(line: &Option<usize>) -> String {
    line.map(|n| format!(":{n}")).unwrap_or_default()
}

/// Where each template came from: for messages that name the file.
type Sources = BTreeMap<String, PathBuf>;

fn embedded(registry: &mut Handlebars<'static>) -> Result<Sources, Error> {
    let mut sources = Sources::new();
    for path in Templates::iter() {
        let (Some(file), Some(name)) = (Templates::get(&path), path.strip_suffix(".hbs")) else {
            continue;
        };
        let source = Path::new("templates").join(path.as_ref());
        let text = String::from_utf8_lossy(&file.data);
        register(registry, name, &text, &source)?;
        sources.insert(name.to_owned(), source);
    }
    Ok(sources)
}

fn overrides(registry: &mut Handlebars<'static>, sources: &mut Sources, dir: &Path) -> Result<(), Error> {
    for file in files_below(dir)? {
        let inner = file.strip_prefix(dir).unwrap_or(&file).with_extension("");
        let parts: Vec<_> = inner.iter().map(|p| p.to_string_lossy()).collect();
        let name = parts.join("/");
        if !sources.contains_key(&name) {
            return Err(Error::UnknownTemplate { file });
        }
        let text = std::fs::read_to_string(&file).map_err(|source| Error::Read {
            file: file.clone(),
            source,
        })?;
        register(registry, &name, &text, &file)?;
        sources.insert(name, file);
    }
    Ok(())
}

/// All `.hbs` files below a folder, in a fixed order.
fn files_below(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let fault = |source| Error::Read {
        file: dir.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(fault)? {
        let path = entry.map_err(fault)?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|e| e == "hbs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn register(registry: &mut Handlebars<'static>, name: &str, text: &str, source: &Path) -> Result<(), Error> {
    registry
        .register_template_string(name, text)
        .map_err(|e: TemplateError| Error::Template {
            file: source.to_owned(),
            line: e.pos().map(|(line, _)| line),
            reason: one_line(&e.reason().to_string()),
        })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
