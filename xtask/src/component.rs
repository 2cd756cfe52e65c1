//! What a component says of itself.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};

/// The interfaces that the server offers to plugins.
pub const OFFERED: [&str; 8] = ["log", "config", "request", "clock", "random", "kv", "http", "secrets"];

/// What a component has at its outside.
#[derive(Debug, Default, PartialEq)]
pub struct Surface {
    /// The interfaces that it wants, without package and version.
    pub imports: BTreeSet<String>,
    /// The hooks that it implements.
    pub hooks: BTreeSet<String>,
}

/// Reads a component's imports and exports.
///
/// # Errors
/// It is no component, or has anything at its outside that is not of `hookgate:hooks`.
pub fn inspect(component: &[u8]) -> Result<Surface> {
    let mut surface = Surface::default();
    let mut depth = 0_usize;
    if !Parser::is_component(component) {
        bail!("it is no component");
    }
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    surface.imports.insert(interface(import?.name.name)?);
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    surface.hooks.insert(interface(export?.name.name)?);
                }
            }
            _ => {}
        }
    }
    // Data alone: every hook speaks of users.
    surface.imports.remove("types");
    Ok(surface)
}

/// `hookgate:hooks/log@0.1.0` is `log`.
fn interface(name: &str) -> Result<String> {
    name.strip_prefix("hookgate:hooks/")
        .and_then(|rest| rest.split_once('@'))
        .map(|(interface, _)| interface.to_owned())
        .with_context(|| format!("`{name}` is not of hookgate:hooks"))
}
