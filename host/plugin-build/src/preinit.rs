//! Starts a module when it is built and keeps what it is then, so that a call finds it started.
//!
//! A runtime such as Go's takes longer to start than a hook takes. The module is started here as an instance of
//! the component would be, with the same stub of WASI; its memory and its globals become the new module's own.

use std::fmt;

use futures_util::FutureExt as _;
use wasm_encoder::{DataSection, RawSection};
use wasmparser::{DataKind, Parser, Payload};
use wasmtime::{
    Caller, Config, Engine, Extern, ExternType, Func, FuncType, Instance, Module, OptLevel, Store,
    StoreLimits, StoreLimitsBuilder, Trap, Val,
};
use wasmtime_wizer::{InstanceState, SnapshotVal, ValType, Wizer};

use crate::wasi::{PREVIEW1, WasiStub};

/// What reactors export, and whoever instantiates them calls first.
const START: &str = "_initialize";
/// What an SDK may export to be called after that: it does once what every call begins with.
const WARM_UP: &str = "hookgate-warm-up";
/// Some seconds. A count and not a time: what comes out must not depend on the machine.
const INSTRUCTIONS: u64 = 5_000_000_000;
/// What a plugin may use whose manifest says nothing.
const MEMORY: usize = 64 << 20;

/// A module that has been started.
pub(crate) struct Started {
    /// It no longer wants to be started.
    pub(crate) module: Vec<u8>,
    /// Its WASI, which goes on where it was.
    pub(crate) wasi: WasiStub,
}

/// Why a module can only be started when it is called.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unstarted {
    /// There is no server yet that could answer.
    #[error("calls `{0}` when it starts")]
    Calls(String),
    /// It was stopped.
    #[error("takes too long to start")]
    TakesTooLong,
    /// It panicked, took too much memory, or is not as modules of its language are.
    #[error("can't be started: {0}")]
    Fails(String),
}

impl From<wasmtime::Error> for Unstarted {
    fn from(error: wasmtime::Error) -> Self {
        if let Some(Unanswered(name)) = error.downcast_ref() {
            return Self::Calls(name.clone());
        }
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => Self::TakesTooLong,
            Some(trap) => Self::Fails(trap.to_string()),
            None => Self::Fails(error.root_cause().to_string()),
        }
    }
}

/// Starts a module that exports `_initialize`.
///
/// # Errors
/// It can't be started without the server, or not at all.
pub(crate) fn start(module: &[u8]) -> Result<Started, Unstarted> {
    start_within(INSTRUCTIONS, module)
}

fn start_within(instructions: u64, module: &[u8]) -> Result<Started, Unstarted> {
    let mut wizer = Wizer::new();
    wizer.init_func(START);
    let (context, instrumented) = wizer.instrument(module)?;
    let mut running = Running::start(&instrumented, instructions)?;
    let wasi = running.wasi()?;
    let snapshot = wizer.snapshot(&context, &mut running).now_or_never();
    let module = snapshot.ok_or_else(|| Unstarted::Fails("it is still running".to_owned()))??;
    let module = without_spent_segments(&module).map_err(|error| Unstarted::Fails(error.to_string()))?;
    Ok(Started { module, wasi })
}

/// Leaves out the data that the module began with, of which wizer leaves an empty segment each: Go has tens of
/// thousands, and every instance would make room for them, in a tenth of a millisecond.
fn without_spent_segments(module: &[u8]) -> wasmparser::Result<Vec<u8>> {
    let mut kept = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            // Only with it may an instruction name a segment.
            Payload::DataCountSection { .. } => return Ok(module.to_vec()),
            Payload::DataSection(segments) => {
                let mut section = DataSection::new();
                for segment in segments.clone() {
                    let segment = segment?;
                    if matches!(segment.kind, DataKind::Active { .. }) {
                        section.raw(&module[segment.range]);
                    }
                }
                kept.section(&section);
            }
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    kept.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(kept.finish())
}

/// Who can't be asked yet.
#[derive(Debug)]
struct Unanswered(String);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is called", self.0)
    }
}

impl std::error::Error for Unanswered {}

/// What the store holds.
struct State {
    /// Comes after the module, since it writes into the module's memory.
    wasi: Option<Instance>,
    limits: StoreLimits,
}

/// A module that has started, and its WASI.
struct Running {
    store: Store<State>,
    instance: Instance,
}

impl Running {
    fn start(module: &[u8], instructions: u64) -> wasmtime::Result<Self> {
        let engine = engine()?;
        let module = Module::new(&engine, module)?;
        let limits = StoreLimitsBuilder::new().memory_size(MEMORY).build();
        let mut store = Store::new(&engine, State { wasi: None, limits });
        store.limiter(|state| &mut state.limits);
        store.set_fuel(instructions)?;

        let mut imports = Vec::new();
        for import in module.imports() {
            let ExternType::Func(ty) = import.ty() else {
                return Err(wasmtime::format_err!("`{}` is no function", import.name()));
            };
            imports.push(import_of(&mut store, ty, import.module(), import.name()).into());
        }
        let instance = Instance::new(&mut store, &module, &imports)?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| wasmtime::format_err!("it exports no memory"))?;
        let stub = Module::new(&engine, WasiStub::default().module()?)?;
        let stub = Instance::new(&mut store, &stub, &[memory.into()])?;
        store.data_mut().wasi = Some(stub);
        instance.get_typed_func::<(), ()>(&mut store, START)?.call(&mut store, ())?;
        if instance.get_func(&mut store, WARM_UP).is_some() {
            instance.get_typed_func::<(), ()>(&mut store, WARM_UP)?.call(&mut store, ())?;
        }
        Ok(Self { store, instance })
    }

    /// Where the stub has come to.
    fn wasi(&mut self) -> wasmtime::Result<WasiStub> {
        let mut state = |name: &str| {
            let stub = self.store.data().wasi;
            let global = stub.and_then(|stub| stub.get_global(&mut self.store, name));
            let value = global.and_then(|global| global.get(&mut self.store).i64());
            value.ok_or_else(|| wasmtime::format_err!("WASI has no `{name}`"))
        };
        Ok(WasiStub { clock: state("clock")?, random: state("random")? })
    }
}

/// Compiles fast: what it compiles runs once.
fn engine() -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config.consume_fuel(true).cranelift_opt_level(OptLevel::None);
    Engine::new(&config)
}

/// What answers an import: the stub, where it is WASI, else nobody.
fn import_of(store: &mut Store<State>, ty: FuncType, module: &str, name: &str) -> Func {
    let full = format!("{module}#{name}");
    let stubbed = (module == PREVIEW1).then(|| name.to_owned());
    Func::new(store, ty, move |mut caller: Caller<'_, State>, arguments: &[Val], results: &mut [Val]| {
        let stub = caller.data().wasi.filter(|_| stubbed.is_some());
        let name = stubbed.as_deref().unwrap_or_default();
        match stub.and_then(|stub| stub.get_export(&mut caller, name)) {
            Some(Extern::Func(function)) => function.call(&mut caller, arguments, results),
            _ => Err(Unanswered(full.clone()).into()),
        }
    })
}

#[expect(clippy::panic, clippy::expect_used, reason = "wizer names what it has put there itself")]
impl InstanceState for Running {
    async fn global_get(&mut self, name: &str, _: ValType) -> SnapshotVal {
        let global = self.instance.get_global(&mut self.store, name).expect("a global of wizer's");
        match global.get(&mut self.store) {
            Val::I32(value) => SnapshotVal::I32(value),
            Val::I64(value) => SnapshotVal::I64(value),
            Val::F32(bits) => SnapshotVal::F32(bits),
            Val::F64(bits) => SnapshotVal::F64(bits),
            Val::V128(value) => SnapshotVal::V128(value.as_u128()),
            other => panic!("wizer refuses mutable references: {other:?}"),
        }
    }

    async fn memory_contents(&mut self, name: &str, contents: impl FnOnce(&[u8]) + Send) {
        let memory = self.instance.get_memory(&mut self.store, name).expect("a memory of wizer's");
        contents(memory.data(&self.store));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module that begins with `start`, and has something of each kind that is to be kept.
    fn module(start: &str) -> Vec<u8> {
        module_with(start, "")
    }

    fn module_with(start: &str, more: &str) -> Vec<u8> {
        let text = format!(
            r#"(module
                (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
                (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
                (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (import "hookgate:hooks/config@0.1.0" "all" (func $config (param i32)))
                (memory (export "memory") 1)
                (global $counter (mut i64) (i64.const 1))
                (data (i32.const 64) "as it was")
                (func (export "_initialize") {start})
                {more}
                (func (export "count") (result i64)
                    (global.set $counter (i64.add (global.get $counter) (i64.const 1)))
                    (global.get $counter)))"#
        );
        wat::parse_str(text).expect("a module")
    }

    const START: &str = r#"
        (global.set $counter (i64.const 41))
        (drop (memory.grow (i32.const 2)))
        (i32.store8 (i32.const 65) (i32.const 116))
        (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 131072)))
        (drop (call $random (i32.const 131080) (i32.const 8)))"#;

    /// An instance of it, with an answer to nothing.
    fn instance(module: &[u8]) -> (Store<()>, Instance) {
        let engine = Engine::default();
        let module = Module::new(&engine, module).expect("a module");
        let mut store = Store::new(&engine, ());
        let mut linker = wasmtime::Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&module).expect("imports");
        let instance = linker.instantiate(&mut store, &module).expect("an instance");
        (store, instance)
    }

    #[test]
    fn an_instance_is_what_the_start_has_made_of_it() {
        let started = start(&module(START)).expect("a start");
        assert_ne!(started.wasi, WasiStub::default());
        assert_eq!(started.wasi.clock, 1001);
        for _ in 0..2 {
            let (mut store, instance) = instance(&started.module);
            assert!(instance.get_func(&mut store, super::START).is_none(), "it would start again");
            let count = instance.get_typed_func::<(), i64>(&mut store, "count").expect("an export");
            assert_eq!(count.call(&mut store, ()).expect("a count"), 42);
            let memory = instance.get_memory(&mut store, "memory").expect("a memory");
            assert_eq!(memory.size(&store), 3);
            let bytes = memory.data(&store);
            assert_eq!(&bytes[64..73], b"at it was");
            assert_eq!(bytes[131_072..131_080], 1001_i64.to_le_bytes());
            assert_ne!(bytes[131_080..131_088], [0; 8]);
        }
    }

    #[test]
    fn a_warm_up_follows_the_start() {
        let warm_up = r#"(func (export "hookgate-warm-up")
            (global.set $counter (i64.mul (global.get $counter) (i64.const 2))))"#;
        let started = start(&module_with(START, warm_up)).expect("a start");
        let (mut store, instance) = instance(&started.module);
        let count = instance.get_typed_func::<(), i64>(&mut store, "count").expect("an export");
        assert_eq!(count.call(&mut store, ()).expect("a count"), 83);
        let calls = r#"(func (export "hookgate-warm-up") (call $config (i32.const 0)))"#;
        let why_not = start(&module_with(START, calls)).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(why_not.contains("calls `hookgate:hooks/config@0.1.0#all`"), "{why_not}");
    }

    #[test]
    fn what_cannot_be_started_here_says_why() {
        for (start, why) in [
            ("(call $config (i32.const 0))", "calls `hookgate:hooks/config@0.1.0#all` when it starts"),
            ("(loop $again (br $again))", "takes too long to start"),
            (
                "(call $exit (i32.const 2))",
                "can't be started: wasm trap: wasm `unreachable` instruction executed",
            ),
        ] {
            let why_not = start_within(100_000, &module(start)).err().map(|why| why.to_string());
            assert_eq!(why_not.as_deref(), Some(why));
        }
        let none = wat::parse_str(r#"(module (memory (export "memory") 1) (func (export "a")))"#);
        let why_not = start(&none.expect("a module")).err().map(|why| why.to_string()).unwrap_or_default();
        assert!(why_not.starts_with("can't be started: ") && why_not.contains(super::START), "{why_not}");
    }
}
