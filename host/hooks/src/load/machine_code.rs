//! From bytes to a component in machine code: what the cache has is taken from there, the rest is
//! compiled, one component at a time, by whoever the engine says.

use bytes::Bytes;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::cache::{CodeCache, EntryKey, Kind};
use crate::cause::{chain_of, panic_text};
use crate::compiler::CompileError;
use crate::engine::HookEngine;
use crate::error::Refusal;
use crate::inspect::componentize;
use crate::inspect::hashed_file::HashedFile;
use crate::inspect::{self, Inspected};
use crate::plugin::digest::Digest;
use crate::text::one_line;

/// From this size on, in bytes, it is quicker to map machine code than to copy it.
#[cfg(target_os = "linux")]
const MAPPED_FROM: u64 = 1 << 20;

/// Bytes that are a component by now, and what they say of themselves.
pub(crate) struct Source {
    component: Bytes,
    pub(crate) inspected: Inspected,
}

impl Source {
    /// Inspects a file's bytes. A core module that carries its WIT is made a component first.
    pub(crate) async fn read(engine: &HookEngine, file: &HashedFile) -> Result<Self, Refusal> {
        let (max_bytes, own) = (engine.config().max_component_bytes, file.clone());
        let inspected = blocking(move || {
            inspect::check_size(own.bytes(), max_bytes)?;
            if inspect::is_core_module(own.bytes()) {
                return componentize::check(own.bytes()).map(|()| None);
            }
            Inspected::of_file(&own).map(Some)
        });
        if let Some(inspected) = inspected.await? {
            return Ok(Self { component: file.bytes().clone(), inspected });
        }
        let (digest, size) = (file.digest(), file.bytes().len() as u64);
        let component = Self::from_module(engine, digest, file.bytes()).await?;
        // Whoever asks for the digest or the size means the file's.
        let inspected = Inspected { digest, size, ..Inspected::of(&component, u64::MAX)? };
        Ok(Self { component, inspected })
    }

    async fn from_module(engine: &HookEngine, digest: Digest, module: &[u8]) -> Result<Bytes, Refusal> {
        let key = EntryKey::new(Kind::Component, digest, componentize::VERSION);
        let cache = engine.cache().cloned();
        let kept = blocking(move || Ok(cache.and_then(|cache| cache.get(&key)))).await?;
        if let Some(component) = kept {
            return Ok(component.into());
        }
        let _turn = engine.compiling().lock().await;
        let made = engine.compiler().component(engine.target(), engine.compile_limits(), module).await;
        let component: Bytes = made
            .map_err(|error| match error {
                CompileError::Refused(cause) => Refusal::NoComponent(cause),
                other => refusal(engine, other),
            })?
            .into();
        if let Some(cache) = engine.cache().cloned() {
            let payload = component.clone();
            blocking(move || {
                cache.put(&key, &payload);
                Ok(())
            })
            .await?;
        }
        Ok(component)
    }

    /// The machine code, and whether it came from the cache.
    pub(crate) async fn compile(self, engine: &HookEngine) -> Result<(Component, bool), Refusal> {
        // The components of core modules follow from their digest and the version of the conversion.
        let maker = (engine.wasmtime().precompile_compatibility_hash(), componentize::VERSION);
        let key = EntryKey::new(Kind::Code, self.inspected.digest, maker);
        if let Some(component) = from_cache(engine, key).await? {
            return Ok((component, true));
        }
        let _turn = engine.compiling().lock().await;
        let code = engine
            .compiler()
            .code(engine.wasmtime(), engine.target(), engine.compile_limits(), &self.component)
            .await
            .map_err(|error| refusal(engine, error))?;
        let (wasmtime, cache) = (engine.wasmtime().clone(), engine.cache().cloned());
        let component = blocking(move || {
            let component = ready(&wasmtime, &code).map_err(|error| host(&error))?;
            if let Some(cache) = cache {
                cache.put(&key, &code);
            }
            Ok(component)
        })
        .await?;
        Ok((component, false))
    }
}

async fn from_cache(engine: &HookEngine, key: EntryKey) -> Result<Option<Component>, Refusal> {
    let Some(cache) = engine.cache().cloned() else { return Ok(None) };
    let wasmtime = engine.wasmtime().clone();
    blocking(move || {
        if let Some(component) = mapped(&wasmtime, &cache, &key) {
            return Ok(Some(component));
        }
        let Some(code) = cache.get(&key) else { return Ok(None) };
        match ready(&wasmtime, &code) {
            Ok(component) => Ok(Some(component)),
            Err(error) => {
                let error = chain_of(&error);
                tracing::warn!(%error, "an entry of the plugin cache does not fit: it is made anew");
                Ok(None)
            }
        }
    })
    .await
}

/// Large machine code, mapped instead of copied, where the system can do that.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the other door through which machine code comes in")]
fn mapped(engine: &Engine, cache: &CodeCache, key: &EntryKey) -> Option<Component> {
    if cache.size(key) < MAPPED_FROM {
        return None;
    }
    let file = cache.get_sealed(key)?;
    // SAFETY: the file has what `deserialize` gets, verified in the same way, and nobody can change it: it is in memory
    // and sealed. The engine maps it, so that it may be closed afterwards.
    let component = unsafe { Component::deserialize_file(engine, file.path()) };
    let component = component.and_then(|component| {
        component.initialize_copy_on_write_image()?;
        Ok(component)
    });
    component
        .inspect_err(
            |error| tracing::debug!(error = %chain_of(error), "machine code is copied instead of mapped"),
        )
        .ok()
}

#[cfg(not(target_os = "linux"))]
fn mapped(_: &Engine, _: &CodeCache, _: &EntryKey) -> Option<Component> {
    None
}

/// Loads machine code, and makes the image of its memory: otherwise the first login would pay for it.
fn ready(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    let component = deserialize(engine, code)?;
    component.initialize_copy_on_write_image()?;
    Ok(component)
}

#[expect(unsafe_code, reason = "the door through which machine code comes in")]
fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes are the output of `Engine::precompile_component`, either of this process or its
    // own child, or kept in the cache under a MAC whose key only the server has. They are in memory that
    // nobody else can change, and the engine copies them.
    unsafe { Component::deserialize(engine, code) }
}

fn refusal(engine: &HookEngine, error: CompileError) -> Refusal {
    match error {
        CompileError::Refused(text) if text.contains("component model async") => Refusal::Async,
        CompileError::Refused(text) => Refusal::Malformed(text),
        CompileError::Time => Refusal::CompileTime { limit_ms: engine.config().compile_ms },
        CompileError::Memory => Refusal::CompileMemory { limit_bytes: engine.config().compile_memory_bytes },
        CompileError::Host(text) => Refusal::Host(text),
    }
}

fn host(error: &wasmtime::Error) -> Refusal {
    Refusal::Host(one_line(&chain_of(error), 300))
}

pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => {
            Err(Refusal::Host(format!("the loader panicked: {}", panic_text(&*error.into_panic()))))
        }
        Err(error) => Err(Refusal::Host(format!("the loader was stopped: {error}"))),
    }
}
