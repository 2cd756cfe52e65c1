//! `hookgate plugin inspect`: what a component is, and whether the server would accept it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use hookgate_core::hooks::Hook;
use hookgate_hooks::{
    Anatomy, Digest, EngineConfig, Form, Import, ImportKind, Limits, MemorySize, Producer, Reuse,
};
use serde::Serialize;

use super::PluginError;
use super::load;
use super::text::{bytes, row, shown_limits};

/// What `plugin inspect` takes.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The component, NAME.wasm; its manifest is NAME.toml beside it
    file: PathBuf,
    /// Answer with one JSON object
    #[arg(long)]
    json: bool,
}

/// What is known of a component.
#[derive(Serialize)]
pub(super) struct Inspection {
    file: String,
    name: String,
    /// Whether the server would load it as it lies there.
    accepted: bool,
    /// Why not: a whole sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    digest: Digest,
    size_bytes: usize,
    form: Form,
    hooks: Vec<Hook>,
    /// The capabilities that it imports, which a manifest must grant.
    grants: Vec<String>,
    /// Whom its manifest lets it talk to.
    hosts: Vec<String>,
    /// What its manifest lends it, by name.
    secrets: Vec<String>,
    imports: Vec<Import>,
    modules: usize,
    memories: Vec<MemorySize>,
    producers: Vec<Producer>,
    manifest: ManifestState,
    /// What a call may cost; absent if it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
    /// How its instances are kept for further calls; absent if each call has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    reuse: Option<Reuse>,
    #[serde(skip)]
    error: Option<PluginError>,
}

/// What is known of the manifest beside the component.
#[derive(Serialize)]
struct ManifestState {
    file: Option<String>,
    /// False for one that says `enabled = false`: such a plugin is not loaded.
    enabled: bool,
}

/// Prints what is known.
pub(super) fn inspect(args: &InspectArgs) -> Result<ExitCode, PluginError> {
    let inspection = load::runtime()?.block_on(Inspection::of(&args.file))?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&inspection)?)?;
    } else {
        inspection.write(&mut out)?;
    }
    inspection.verdict()
}

impl Inspection {
    /// Inspects a file, and loads it as the server would.
    pub(super) async fn of(file: &Path) -> Result<Self, PluginError> {
        let files = load::read(file)?;
        let anatomy = Anatomy::of(&files.component);
        let (digest, size_bytes, name) =
            (Digest::of(&files.component), files.component.len(), files.name.clone());
        let manifest_file = files.manifest.is_some().then(|| file.with_extension("toml"));
        let engine = load::engine(EngineConfig::default())?;
        let (mut hosts, mut secrets) = (Vec::new(), Vec::new());
        let (mut limits, mut reuse) = (None, None);
        let (hooks, enabled, error) = match load::prepare(file, &engine, files).await {
            Ok(loaded) => {
                let manifest = loaded.plugin.manifest();
                hosts = manifest.http.hosts.iter().map(ToString::to_string).collect();
                secrets = loaded.secrets;
                (limits, reuse) = (Some(*loaded.plugin.limits()), manifest.reuse);
                (loaded.plugin.hooks().to_vec(), manifest.enabled, None)
            }
            Err(error @ PluginError::Refused { .. }) => (hooks_among(&anatomy.exports), true, Some(error)),
            Err(error) => return Err(error),
        };
        let is_capability = |import: &&Import| import.kind == ImportKind::Capability;
        Ok(Self {
            file: file.display().to_string(),
            name,
            accepted: error.is_none(),
            refusal: error.as_ref().map(ToString::to_string),
            digest,
            size_bytes,
            form: anatomy.form,
            hooks,
            grants: anatomy.imports.iter().filter(is_capability).map(|i| interface(&i.name)).collect(),
            hosts,
            secrets,
            imports: anatomy.imports,
            modules: anatomy.modules,
            memories: anatomy.memories,
            producers: anatomy.producers,
            manifest: ManifestState { file: manifest_file.map(|file| file.display().to_string()), enabled },
            limits,
            reuse,
            error,
        })
    }

    /// Writes it for people. The refusal is left to [`Self::verdict`].
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let list = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let of_kind = |kind: ImportKind| -> Vec<String> {
            self.imports.iter().filter(|i| i.kind == kind).map(|i| i.name.clone()).collect()
        };
        let hooks: Vec<String> = self.hooks.iter().map(|hook| hook.name().to_owned()).collect();
        row(out, "component", format_args!("{}, {}", self.file, bytes(self.size_bytes as u64)))?;
        row(out, "sha256", self.digest)?;
        match self.form {
            Form::Component => row(out, "form", format_args!("component, core modules: {}", self.modules))?,
            Form::CoreModule => row(out, "form", "core module")?,
            Form::Unknown => row(out, "form", "not WebAssembly")?,
        }
        row(out, "hooks", list(&hooks))?;
        row(out, "grants", list(&self.grants))?;
        for (label, names) in [("hosts", &self.hosts), ("secrets", &self.secrets)] {
            if !names.is_empty() {
                row(out, label, names.join(", "))?;
            }
        }
        let (wasi, unknown) = (of_kind(ImportKind::Wasi), of_kind(ImportKind::Unknown));
        row(out, "WASI", list(&wasi))?;
        if !unknown.is_empty() {
            row(out, "unknown", list(&unknown))?;
        }
        for (index, memory) in self.memories.iter().enumerate() {
            let max = memory.max_bytes.map_or("what its limit allows".to_owned(), bytes);
            let label = if index == 0 { "memory" } else { "" };
            row(out, label, format_args!("starts with {}, grows to {max}", bytes(memory.min_bytes)))?;
        }
        for (index, Producer { field, name, version }) in self.producers.iter().enumerate() {
            let label = if index == 0 { "made by" } else { "" };
            row(out, label, format_args!("{name} {version} ({field})"))?;
        }
        match &self.manifest {
            ManifestState { file: None, .. } => row(out, "manifest", "none, defaults apply")?,
            ManifestState { file: Some(file), enabled: true } => row(out, "manifest", file)?,
            ManifestState { file: Some(file), enabled: false } => {
                row(
                    out,
                    "manifest",
                    format_args!("{file}; it says `enabled = false`, so nothing is loaded"),
                )?;
            }
        }
        if let Some(limits) = &self.limits {
            row(out, "limits", shown_limits(limits))?;
            row(
                out,
                "instances",
                self.reuse.map_or("a new one for each call".to_owned(), |reuse| kept(reuse, limits)),
            )?;
        }
        if self.accepted {
            row(out, "server", "accepts it")?;
        } else {
            row(out, "server", "refuses it")?;
        }
        out.flush()
    }

    /// The refusal, if it was refused.
    pub(super) fn verdict(self) -> Result<ExitCode, PluginError> {
        self.error.map_or(Ok(ExitCode::SUCCESS), Err)
    }
}

/// How instances are kept.
fn kept(reuse: Reuse, limits: &Limits) -> String {
    format!(
        "kept for up to {} calls, {} s and {}; {} s idle, {} at once",
        reuse.max_calls,
        seconds(reuse.max_age_ms),
        bytes(reuse.memory_mark(limits.memory_bytes)),
        seconds(reuse.max_idle_ms),
        reuse.max_idle.min(limits.concurrent_calls),
    )
}

/// Milliseconds as seconds without more decimals than it takes.
#[expect(clippy::cast_precision_loss, reason = "at most an hour")]
fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

/// The hooks of a component that was refused.
fn hooks_among(exports: &[String]) -> Vec<Hook> {
    let known = |export: &String| {
        let name = export.strip_prefix("hookgate:hooks/")?.split('@').next()?;
        Hook::ALL.iter().copied().find(|hook| hook.name() == name)
    };
    let mut hooks: Vec<Hook> = exports.iter().filter_map(known).collect();
    hooks.sort_unstable();
    hooks
}

/// `hookgate:hooks/log@0.1.0` is `log`.
fn interface(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.split('@').next().unwrap_or(name).to_owned()
}
