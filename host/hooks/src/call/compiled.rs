//! A component in machine code, and what it says of itself.

use std::sync::Arc;

use hookgate_core::hooks::Hook;
use wasmtime::component::{Component, ComponentExportIndex};

use crate::contract;
use crate::engine::HookEngine;
use crate::error::Refusal;
use crate::inspect::Inspected;
use crate::plugin::digest::Digest;
use crate::plugin::limits::Limits;
use crate::plugin::manifest::Manifest;

const WASM_PAGE: u64 = 64 * 1024;

/// A component in machine code. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Compiled {
    component: Component,
    inspected: Arc<Inspected>,
    is_cached: bool,
}

impl Compiled {
    pub(crate) const fn new(component: Component, inspected: Arc<Inspected>, is_cached: bool) -> Self {
        Self { component, inspected, is_cached }
    }

    pub(crate) const fn component(&self) -> &Component {
        &self.component
    }

    pub(crate) fn inspected(&self) -> &Inspected {
        &self.inspected
    }

    pub(crate) fn digest(&self) -> Digest {
        self.inspected.digest
    }

    pub(crate) fn size(&self) -> u64 {
        self.inspected.size
    }

    /// Whether the machine code was there already.
    pub(crate) fn is_cached(&self) -> bool {
        self.is_cached
    }

    /// The pool holds so much and no more, and a plugin has its limits: better said now than at the
    /// first login. Answers how many slots a call takes.
    pub(crate) fn check_resources(&self, engine: &HookEngine, limits: &Limits) -> Result<u32, Refusal> {
        // None: it instantiates modules that it imports. Nobody offers modules, so it won't link.
        let Some(needs) = self.component.resources_required() else { return Ok(1) };
        let memory = needs.max_initial_memory_size.unwrap_or(0).saturating_mul(WASM_PAGE);
        let elements = needs.max_initial_table_size.unwrap_or(0);
        for (name, what, needs, limit) in [
            ("memory_bytes", "bytes of memory to start with", memory, limits.memory_bytes),
            ("memories", "memories", u64::from(needs.num_memories), limits.memories),
            ("table_elements", "table elements to start with", elements, limits.table_elements),
            ("tables", "tables", u64::from(needs.num_tables), limits.tables),
        ] {
            if needs > limit {
                return Err(Refusal::TooMuch { name, what, needs, limit });
            }
        }
        Ok(engine.weight(needs.num_memories, needs.num_tables))
    }

    /// The function with which it checks its own settings, if it has one.
    pub(crate) fn validate_config(&self) -> Option<ComponentExportIndex> {
        let export = self.inspected.validate_config.as_deref()?;
        let interface = self.component.get_export_index(None, export)?;
        self.component.get_export_index(Some(&interface), contract::VALIDATE_CONFIG)
    }

    /// Where the hooks are that the manifest wants.
    pub(crate) fn exports(&self, manifest: &Manifest) -> Result<Vec<(Hook, ComponentExportIndex)>, Refusal> {
        let mut found = Vec::new();
        for (hook, export) in &self.inspected.exports {
            if manifest.hooks.as_ref().is_some_and(|wanted| !wanted.contains(hook)) {
                continue;
            }
            let function = self
                .component
                .get_export_index(None, export)
                .and_then(|interface| self.component.get_export_index(Some(&interface), hook.name()));
            let Some(function) = function else {
                let cause = format!("there is no function `{hook}` in it");
                return Err(Refusal::Signature { export: export.clone(), cause });
            };
            found.push((*hook, function));
        }
        Ok(found)
    }
}
