//! Which core module of a component gets what from where.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentAlias, ComponentExternalKind, ComponentTypeRef,
    ExternalKind, Instance, Parser, Payload,
};

use super::LinkError;
use crate::contract;

/// Core instances and what is passed between them, of a component whose hooks are core functions.
#[derive(Default)]
pub(super) struct Wiring<'a> {
    pub(super) instances: Vec<CoreInstance<'a>>,
    functions: Vec<CoreFunction<'a>>,
    tables: Vec<Exported<'a>>,
    memories: Vec<Exported<'a>>,
    globals: Vec<Exported<'a>>,
    /// The core functions that are the component's exports and what belongs to these, by their names.
    pub(super) exports: Vec<Exported<'a>>,
    pub(super) realloc: Option<u32>,
    pub(super) memory: Option<u32>,
    modules: Vec<&'a [u8]>,
    components: Vec<&'a [u8]>,
    /// The interfaces of the component's imports; none for other instances.
    interfaces: Vec<Option<&'a str>>,
    component_functions: Vec<Option<(&'a str, &'a str)>>,
}

pub(super) enum CoreInstance<'a> {
    Module { bytes: &'a [u8], arguments: Vec<(&'a str, u32)> },
    Items(Vec<(&'a str, ExternalKind, u32)>),
}

/// An export of a core instance.
#[derive(Clone, Copy)]
pub(super) struct Exported<'a> {
    pub(super) instance: u32,
    pub(super) name: &'a str,
}

/// Where a core function comes from.
#[derive(Clone, Copy)]
pub(super) enum CoreFunction<'a> {
    Exported(Exported<'a>),
    /// The server's.
    Host {
        interface: &'a str,
        name: &'a str,
    },
    /// WASI's, which is not there: a trap.
    Absent,
    /// Drops what only an absent function could have made.
    Drop,
}

impl<'a> Wiring<'a> {
    /// Of the component, or of the one in it that has the hooks: WASI's stubs are beside that.
    pub(super) fn of(component: &'a [u8]) -> Result<Self, LinkError> {
        let outer = Self::read(component)?;
        let package = contract::PACKAGE.split('@').next().unwrap_or_default();
        let is_ours = |name: &&str| name.strip_prefix(package).is_some_and(|rest| rest.starts_with('/'));
        if let Some(other) = outer.interfaces.iter().flatten().find(|name| !is_ours(name)) {
            return Err(LinkError(format!("it imports {other}")));
        }
        let mut wiring = outer.with_hooks().ok_or_else(|| LinkError("it has no hook".to_owned()))?;
        for function in &mut wiring.functions {
            if matches!(function, CoreFunction::Host { interface, .. } if !is_ours(interface)) {
                *function = CoreFunction::Absent;
            }
        }
        Ok(wiring)
    }

    fn with_hooks(self) -> Option<Self> {
        if !self.exports.is_empty() {
            return Some(self);
        }
        self.components.iter().filter_map(|inner| Self::read(inner).ok()).find_map(Self::with_hooks)
    }

    /// The item that a core instance exports by a name.
    pub(super) fn function(&self, at: Exported<'a>) -> Result<CoreFunction<'a>, LinkError> {
        match self.item(at, ExternalKind::Func)? {
            None => Ok(CoreFunction::Exported(at)),
            Some(index) => match self.core_function(index)? {
                CoreFunction::Exported(further) => self.function(further),
                other => Ok(other),
            },
        }
    }

    pub(super) fn core_function(&self, index: u32) -> Result<CoreFunction<'a>, LinkError> {
        get(&self.functions, index).copied()
    }

    pub(super) fn core_memory(&self, index: u32) -> Result<Exported<'a>, LinkError> {
        get(&self.memories, index).copied()
    }

    /// The export of a module that a table, memory or global is.
    pub(super) fn other(&self, at: Exported<'a>, kind: ExternalKind) -> Result<Exported<'a>, LinkError> {
        let Some(index) = self.item(at, kind)? else { return Ok(at) };
        let items = match kind {
            ExternalKind::Table => &self.tables,
            ExternalKind::Memory => &self.memories,
            ExternalKind::Global => &self.globals,
            _ => return Err(LinkError(format!("`{}` is no function, table, memory or global", at.name))),
        };
        self.other(*get(items, index)?, kind)
    }

    /// The index of what an instance of items calls so; none for an instance of a module.
    fn item(&self, at: Exported<'a>, kind: ExternalKind) -> Result<Option<u32>, LinkError> {
        match get(&self.instances, at.instance)? {
            CoreInstance::Module { .. } => Ok(None),
            CoreInstance::Items(items) => {
                let item = items.iter().find(|(name, of, _)| *name == at.name && *of == kind);
                item.map(|(.., index)| Some(*index))
                    .ok_or_else(|| LinkError(format!("there is no `{}`", at.name)))
            }
        }
    }

    fn read(component: &'a [u8]) -> Result<Self, LinkError> {
        let mut wiring = Self::default();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload?;
            if depth == 0 {
                wiring.add(component, &payload)?;
            }
            match payload {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                _ => {}
            }
        }
        Ok(wiring)
    }

    fn add(&mut self, component: &'a [u8], payload: &Payload<'a>) -> Result<(), LinkError> {
        match payload {
            Payload::ModuleSection { unchecked_range, .. } => {
                self.modules.push(&component[unchecked_range.clone()]);
            }
            Payload::ComponentSection { unchecked_range, .. } => {
                self.components.push(&component[unchecked_range.clone()]);
            }
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    let instance = self.instance(instance?)?;
                    self.instances.push(instance);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                self.interfaces.extend(section.clone().into_iter().map(|_| None));
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    let import = import?;
                    match import.ty {
                        ComponentTypeRef::Instance(_) => self.interfaces.push(Some(import.name.name)),
                        ComponentTypeRef::Type(_) => {}
                        _ => return Err(LinkError(format!("it imports {}", import.name.name))),
                    }
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    self.alias(&alias?)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    self.canonical(&function?)?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    match export?.kind {
                        ComponentExternalKind::Func => self.component_functions.push(None),
                        ComponentExternalKind::Instance => self.interfaces.push(None),
                        ComponentExternalKind::Type => {}
                        _ => return Err(LinkError("it exports more than functions".to_owned())),
                    }
                }
            }
            Payload::ComponentStartSection { .. } => {
                return Err(LinkError("it has a start function".to_owned()));
            }
            _ => {}
        }
        Ok(())
    }

    fn instance(&self, instance: Instance<'a>) -> Result<CoreInstance<'a>, LinkError> {
        Ok(match instance {
            Instance::Instantiate { module_index, args } => CoreInstance::Module {
                bytes: get(&self.modules, module_index)?,
                arguments: args.iter().map(|argument| (argument.name, argument.index)).collect(),
            },
            Instance::FromExports(items) => {
                CoreInstance::Items(items.iter().map(|item| (item.name, item.kind, item.index)).collect())
            }
        })
    }

    fn alias(&mut self, alias: &ComponentAlias<'a>) -> Result<(), LinkError> {
        match *alias {
            ComponentAlias::InstanceExport { kind, instance_index, name } => match kind {
                ComponentExternalKind::Func => {
                    let interface = *get(&self.interfaces, instance_index)?;
                    self.component_functions.push(interface.map(|interface| (interface, name)));
                }
                ComponentExternalKind::Instance => self.interfaces.push(None),
                ComponentExternalKind::Type => {}
                _ => return Err(LinkError(format!("it uses `{name}` of another component"))),
            },
            ComponentAlias::CoreInstanceExport { kind, instance_index, name } => {
                let exported = Exported { instance: instance_index, name };
                match kind {
                    ExternalKind::Func => self.functions.push(CoreFunction::Exported(exported)),
                    ExternalKind::Table => self.tables.push(exported),
                    ExternalKind::Memory => self.memories.push(exported),
                    ExternalKind::Global => self.globals.push(exported),
                    _ => return Err(LinkError(format!("`{name}` is an exception's tag"))),
                }
            }
            ComponentAlias::Outer { .. } => {}
        }
        Ok(())
    }

    fn canonical(&mut self, function: &CanonicalFunction) -> Result<(), LinkError> {
        match function {
            CanonicalFunction::Lift { core_func_index, options, .. } => {
                self.component_functions.push(None);
                self.lift(*core_func_index, options)?;
            }
            CanonicalFunction::Lower { func_index, .. } => {
                let lowered = get(&self.component_functions, *func_index)?;
                self.functions.push(match *lowered {
                    Some((interface, name)) => CoreFunction::Host { interface, name },
                    None => CoreFunction::Absent,
                });
            }
            CanonicalFunction::ResourceDrop { .. } => self.functions.push(CoreFunction::Drop),
            _ => return Err(LinkError("it uses more of the canonical ABI than functions".to_owned())),
        }
        Ok(())
    }

    /// A hook; what else is lifted served the snapshot.
    fn lift(&mut self, function: u32, options: &[CanonicalOption]) -> Result<(), LinkError> {
        let CoreFunction::Exported(hook) = self.core_function(function)? else {
            return Err(LinkError("it exports what it imports".to_owned()));
        };
        if !hook.name.contains('#') {
            return Ok(());
        }
        self.exports.push(hook);
        for option in options {
            match *option {
                CanonicalOption::UTF8 => {}
                CanonicalOption::Memory(memory) => self.memory = Some(memory),
                CanonicalOption::Realloc(realloc) => self.realloc = Some(realloc),
                CanonicalOption::PostReturn(function) => match self.core_function(function)? {
                    CoreFunction::Exported(after) => self.exports.push(after),
                    _ => return Err(LinkError(format!("`{}` ends in an import", hook.name))),
                },
                _ => return Err(LinkError(format!("`{}` is lifted in an unknown way", hook.name))),
            }
        }
        Ok(())
    }
}

fn get<T>(items: &[T], index: u32) -> Result<&T, LinkError> {
    let found = usize::try_from(index).ok().and_then(|index| items.get(index));
    found.ok_or_else(|| LinkError(format!("there is no item {index}")))
}
