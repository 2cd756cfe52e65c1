//! One of the modules: what it has, and what its indices become in the whole.

use std::collections::HashMap;

use wasm_encoder::reencode::{self, Reencode};
use wasmparser::{
    Data, Element, ExternalKind, FuncType, FunctionBody, Global, Import, MemoryType, Operator, Parser,
    Payload, Table,
};

use super::LinkError;

/// The sections of a module.
#[derive(Default)]
pub(super) struct Sections<'a> {
    pub(super) types: Vec<FuncType>,
    pub(super) imports: Vec<Import<'a>>,
    /// The types of its own functions.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: HashMap<&'a str, (ExternalKind, u32)>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    pub(super) data: Vec<Data<'a>>,
}

impl<'a> Sections<'a> {
    pub(super) fn of(module: &'a [u8]) -> Result<Self, LinkError> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    found.types = section.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
                }
                Payload::ImportSection(section) => {
                    found.imports = section.into_imports().collect::<Result<_, _>>()?;
                }
                Payload::FunctionSection(section) => {
                    found.functions = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::TableSection(section) => {
                    found.tables = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::MemorySection(section) => {
                    found.memories = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::GlobalSection(section) => {
                    found.globals = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        found.exports.insert(export.name, (export.kind, export.index));
                    }
                }
                Payload::ElementSection(section) => {
                    found.elements = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::CodeSectionEntry(body) => found.bodies.push(body),
                Payload::DataSection(section) => {
                    found.data = section.into_iter().collect::<Result<_, _>>()?
                }
                Payload::StartSection { .. } => {
                    return Err(LinkError("a module has a start function".to_owned()));
                }
                Payload::TagSection(_) => return Err(LinkError("a module has exceptions' tags".to_owned())),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// What a module's indices become.
#[derive(Default)]
pub(super) struct Indices {
    pub(super) types: Vec<u32>,
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<u32>,
    pub(super) memories: Vec<u32>,
    pub(super) globals: Vec<u32>,
    pub(super) first_element: u32,
    pub(super) first_data: u32,
    /// By the module's own indices, the globals that are known and don't change.
    pub(super) constants: HashMap<u32, i32>,
}

type Encoded<T> = Result<T, reencode::Error<LinkError>>;

impl Reencode for Indices {
    type Error = LinkError;

    fn type_index(&mut self, index: u32) -> Encoded<u32> {
        at(&self.types, index)
    }

    fn function_index(&mut self, index: u32) -> Encoded<u32> {
        at(&self.functions, index)
    }

    fn table_index(&mut self, index: u32) -> Encoded<u32> {
        at(&self.tables, index)
    }

    fn memory_index(&mut self, index: u32) -> Encoded<u32> {
        at(&self.memories, index)
    }

    fn global_index(&mut self, index: u32) -> Encoded<u32> {
        at(&self.globals, index)
    }

    fn element_index(&mut self, index: u32) -> Encoded<u32> {
        Ok(self.first_element + index)
    }

    fn data_index(&mut self, index: u32) -> Encoded<u32> {
        Ok(self.first_data + index)
    }

    fn const_expr(&mut self, expression: wasmparser::ConstExpr<'_>) -> Encoded<wasm_encoder::ConstExpr> {
        match self.value(&expression) {
            Some(value) => Ok(wasm_encoder::ConstExpr::i32_const(value)),
            None => reencode::utils::const_expr(self, expression),
        }
    }
}

impl Indices {
    /// The number that an expression comes to. wasmtime lays out only what is at a plain number before it starts.
    pub(super) fn value(&self, expression: &wasmparser::ConstExpr<'_>) -> Option<i32> {
        let mut stack = Vec::new();
        for operator in expression.get_operators_reader() {
            match operator.ok()? {
                Operator::I32Const { value } => stack.push(value),
                Operator::GlobalGet { global_index } => stack.push(*self.constants.get(&global_index)?),
                Operator::I32Add => {
                    let (b, a) = (stack.pop()?, stack.pop()?);
                    stack.push(i32::wrapping_add(a, b));
                }
                Operator::End => {}
                _ => return None,
            }
        }
        stack.pop()
    }
}

fn at(map: &[u32], index: u32) -> Encoded<u32> {
    let found = usize::try_from(index).ok().and_then(|index| map.get(index));
    found.copied().ok_or_else(|| reencode::Error::UserError(LinkError(format!("there is no index {index}"))))
}
