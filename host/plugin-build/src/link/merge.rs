//! The modules of a component as one.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, ImportSection, MemorySection, Module, TableSection,
    TypeSection,
};
use wasmparser::{ExternalKind, FuncType, TypeRef};

use super::LinkError;
use super::part::{Indices, Sections};
use super::wiring::{CoreFunction, CoreInstance, Exported, Wiring};

/// One core module with everything that the component's modules have. It imports what they do of the server, and
/// exports the hooks.
pub(super) fn merge(wiring: &Wiring<'_>) -> Result<Vec<u8>, LinkError> {
    let mut whole = Whole::default();
    for instance in &wiring.instances {
        let part = match instance {
            CoreInstance::Items(_) => None,
            CoreInstance::Module { bytes, arguments } => {
                Some(whole.part(wiring, Sections::of(bytes)?, arguments)?)
            }
        };
        whole.parts.push(part);
    }
    whole.number();
    let exports = whole.exports(wiring)?;
    whole.encode(&exports).map_err(|error| match error {
        reencode::Error::UserError(error) => error,
        other => LinkError::of(other),
    })
}

#[derive(Default)]
struct Whole<'a> {
    types: Vec<FuncType>,
    type_indices: HashMap<FuncType, u32>,
    imports: Vec<(&'a str, &'a str, u32)>,
    /// What stands for functions that are not there: type, and whether it traps.
    stubs: Vec<(u32, bool)>,
    counts: Counts,
    /// One for each core instance, none for those that are no module's.
    parts: Vec<Option<Part<'a>>>,
}

/// How many there are of a kind so far.
#[derive(Default)]
struct Counts {
    functions: u32,
    tables: u32,
    memories: u32,
    globals: u32,
    elements: u32,
    data: u32,
}

struct Part<'a> {
    sections: Sections<'a>,
    functions: Vec<Source>,
    indices: Indices,
}

/// A function, as long as it is not known how many are before it.
#[derive(Clone, Copy)]
enum Source {
    Import(u32),
    Stub(u32),
    Own(u32),
}

impl<'a> Whole<'a> {
    fn part(
        &mut self,
        wiring: &Wiring<'a>,
        sections: Sections<'a>,
        arguments: &[(&'a str, u32)],
    ) -> Result<Part<'a>, LinkError> {
        let types = sections.types.iter().map(|ty| self.type_index(ty)).collect();
        let (first_element, first_data) = (self.counts.elements, self.counts.data);
        let indices = Indices { types, first_element, first_data, ..Indices::default() };
        let mut part = Part { sections, functions: Vec::new(), indices };
        for import in part.sections.imports.clone() {
            let argument = arguments.iter().find(|(name, _)| *name == import.module);
            let (_, instance) =
                *argument.ok_or_else(|| LinkError(format!("there is no `{}`", import.module)))?;
            self.import(wiring, &mut part, Exported { instance, name: import.name }, import.ty)?;
        }
        self.own(&mut part);
        Ok(part)
    }

    fn import(
        &mut self,
        wiring: &Wiring<'a>,
        part: &mut Part<'a>,
        at: Exported<'a>,
        ty: TypeRef,
    ) -> Result<(), LinkError> {
        match ty {
            TypeRef::Func(ty) => {
                let ty = *part.indices.types.get(to_usize(ty)).ok_or_else(|| missing(at.name))?;
                let function = self.function(wiring, at, ty)?;
                part.functions.push(function);
            }
            TypeRef::Table(_) => {
                let (of, index) =
                    self.exported(wiring.other(at, ExternalKind::Table)?, ExternalKind::Table)?;
                part.indices.tables.push(of.indices.tables[index]);
            }
            TypeRef::Memory(_) => {
                let (of, index) =
                    self.exported(wiring.other(at, ExternalKind::Memory)?, ExternalKind::Memory)?;
                part.indices.memories.push(of.indices.memories[index]);
            }
            TypeRef::Global(_) => {
                let (of, index) =
                    self.exported(wiring.other(at, ExternalKind::Global)?, ExternalKind::Global)?;
                if let Some(value) = of.indices.constants.get(&to_u32(index)) {
                    part.indices.constants.insert(to_u32(part.indices.globals.len()), *value);
                }
                part.indices.globals.push(of.indices.globals[index]);
            }
            _ => return Err(LinkError(format!("`{}` is imported in an unknown way", at.name))),
        }
        Ok(())
    }

    fn function(&mut self, wiring: &Wiring<'a>, at: Exported<'a>, ty: u32) -> Result<Source, LinkError> {
        Ok(match wiring.function(at)? {
            CoreFunction::Exported(exported) => {
                let (of, index) = self.exported(exported, ExternalKind::Func)?;
                of.functions[index]
            }
            CoreFunction::Host { interface, name } => {
                Source::Import(place(&mut self.imports, (interface, name, ty)))
            }
            CoreFunction::Absent => Source::Stub(place(&mut self.stubs, (ty, true))),
            CoreFunction::Drop => Source::Stub(place(&mut self.stubs, (ty, false))),
        })
    }

    /// The part that has an export, and its index there, which is one that the part has.
    fn exported(&self, at: Exported<'_>, kind: ExternalKind) -> Result<(&Part<'a>, usize), LinkError> {
        let part = self.parts.get(to_usize(at.instance)).and_then(Option::as_ref);
        let part = part.ok_or_else(|| missing(at.name))?;
        let export = part.sections.exports.get(at.name).filter(|(of, _)| *of == kind);
        let index = export.map(|(_, index)| to_usize(*index)).ok_or_else(|| missing(at.name))?;
        let count = match kind {
            ExternalKind::Func => part.functions.len(),
            ExternalKind::Table => part.indices.tables.len(),
            ExternalKind::Memory => part.indices.memories.len(),
            _ => part.indices.globals.len(),
        };
        if index < count { Ok((part, index)) } else { Err(missing(at.name)) }
    }

    /// What a part defines comes after what those before it do.
    fn own(&mut self, part: &mut Part<'a>) {
        let Part { sections, functions, indices } = part;
        functions.extend(sections.functions.iter().map(|_| Source::Own(next(&mut self.counts.functions))));
        indices.tables.extend(sections.tables.iter().map(|_| next(&mut self.counts.tables)));
        indices.memories.extend(sections.memories.iter().map(|_| next(&mut self.counts.memories)));
        for global in &sections.globals {
            if let Some(value) = indices.value(&global.init_expr).filter(|_| !global.ty.mutable) {
                indices.constants.insert(to_u32(indices.globals.len()), value);
            }
            indices.globals.push(next(&mut self.counts.globals));
        }
        self.counts.elements += to_u32(sections.elements.len());
        self.counts.data += to_u32(sections.data.len());
    }

    fn type_index(&mut self, ty: &FuncType) -> u32 {
        *self.type_indices.entry(ty.clone()).or_insert_with(|| {
            self.types.push(ty.clone());
            to_u32(self.types.len() - 1)
        })
    }

    /// Imports come first, then what stands for absent functions, then all others.
    fn number(&mut self) {
        for part in self.parts.iter_mut().flatten() {
            let numbers = part.functions.iter().map(|function| match *function {
                Source::Import(index) => index,
                Source::Stub(index) => to_u32(self.imports.len()) + index,
                Source::Own(index) => to_u32(self.imports.len() + self.stubs.len()) + index,
            });
            part.indices.functions = numbers.collect();
        }
    }

    fn exports(&self, wiring: &Wiring<'a>) -> Result<ExportSection, LinkError> {
        let mut exports = ExportSection::new();
        let function = |at: Exported<'a>| {
            let (part, index) = self.exported(at, ExternalKind::Func)?;
            Ok::<u32, LinkError>(part.indices.functions[index])
        };
        for hook in &wiring.exports {
            exports.export(hook.name, ExportKind::Func, function(*hook)?);
        }
        if let Some(realloc) = wiring.realloc {
            let CoreFunction::Exported(realloc) = wiring.core_function(realloc)? else {
                return Err(missing("cabi_realloc"));
            };
            let CoreFunction::Exported(realloc) = wiring.function(realloc)? else {
                return Err(missing("cabi_realloc"));
            };
            exports.export("cabi_realloc", ExportKind::Func, function(realloc)?);
        }
        if let Some(memory) = wiring.memory {
            let memory = wiring.other(wiring.core_memory(memory)?, ExternalKind::Memory)?;
            let (part, index) = self.exported(memory, ExternalKind::Memory)?;
            exports.export("memory", ExportKind::Memory, part.indices.memories[index]);
        }
        Ok(exports)
    }

    fn encode(mut self, exports: &ExportSection) -> Result<Vec<u8>, reencode::Error<LinkError>> {
        let mut types = TypeSection::new();
        for ty in &self.types {
            let ty = RoundtripReencoder
                .func_type(ty.clone())
                .map_err(|error| reencode::Error::UserError(LinkError::of(error)))?;
            types.ty().func_type(&ty);
        }
        let mut imports = ImportSection::new();
        for (interface, name, ty) in &self.imports {
            imports.import(interface, name, EntityType::Function(*ty));
        }
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (ty, traps) in &self.stubs {
            functions.function(*ty);
            let mut body = Function::new([]);
            if *traps {
                body.instructions().unreachable();
            }
            body.instructions().end();
            code.function(&body);
        }
        let (mut tables, mut memories, mut globals) =
            (TableSection::new(), MemorySection::new(), GlobalSection::new());
        let (mut elements, mut data) = (ElementSection::new(), DataSection::new());
        for Part { sections, indices, .. } in self.parts.iter_mut().flatten() {
            for ty in sections.functions.drain(..) {
                functions.function(indices.type_index(ty)?);
            }
            for table in sections.tables.drain(..) {
                indices.parse_table(&mut tables, table)?;
            }
            for memory in sections.memories.drain(..) {
                memories.memory(indices.memory_type(memory)?);
            }
            for global in sections.globals.drain(..) {
                indices.parse_global(&mut globals, global)?;
            }
            for element in sections.elements.drain(..) {
                indices.parse_element(&mut elements, element)?;
            }
            for body in sections.bodies.drain(..) {
                indices.parse_function_body(&mut code, body)?;
            }
            for datum in sections.data.drain(..) {
                indices.parse_data(&mut data, datum)?;
            }
        }
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions);
        module.section(&tables).section(&memories).section(&globals).section(exports).section(&elements);
        module.section(&DataCountSection { count: self.counts.data }).section(&code).section(&data);
        Ok(module.finish())
    }
}

/// The place of an item in a list that has it once.
fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> u32 {
    let found = list.iter().position(|other| *other == item);
    to_u32(found.unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    }))
}

fn next(count: &mut u32) -> u32 {
    *count += 1;
    *count - 1
}

fn missing(name: &str) -> LinkError {
    LinkError(format!("there is no `{name}`"))
}

/// A module has at most 2³² of anything.
fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn to_usize(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}
