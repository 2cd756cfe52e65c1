//! Why a plugin is not loaded: each reason one sentence that says what to do.

use hookgate_core::hooks::{Hook, Stage};

use crate::contract;
use crate::contract::capability::Capability;
use crate::plugin::manifest::ManifestError;

/// Why a plugin is refused. Reads as what follows the file's name: "`x.wasm` *is empty*".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing in it.
    #[error("is empty")]
    Empty,
    /// Larger than [`crate::EngineConfig::max_component_bytes`].
    #[error("has {size} bytes, more than the {limit} that are loaded (`max_component_bytes`)")]
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Output of `wasmtime compile`.
    #[error(
        "is precompiled machine code, which can't be checked and is never loaded; \
         give the server the .wasm file that it was made from"
    )]
    Precompiled,
    /// Something else entirely.
    #[error("is not WebAssembly: it does not start with the bytes 00 61 73 6d")]
    NotWasm,
    /// A core module that does not say which world it is for.
    #[error(
        "is a core WebAssembly module without the WIT that would make it a component (a custom section \
         `component-type…`); build it with bindings that wit-bindgen made, or add the section with \
         `wasm-tools component embed`"
    )]
    CoreModule,
    /// A core module that does not fit the world that it names.
    #[error("is a core WebAssembly module that can't be made a component: {0}")]
    NoComponent(String),
    /// The compiler was stopped.
    #[error(
        "takes more than {limit_ms} ms to compile, so the compiler was stopped; \
         make its functions smaller, or raise `compile_ms`"
    )]
    CompileTime {
        /// The limit.
        limit_ms: u64,
    },
    /// The compiler ran out of memory.
    #[error(
        "needs more than {limit_bytes} bytes of memory to be compiled, so the compiler was stopped; \
         make its functions smaller, or raise `compile_memory_bytes`"
    )]
    CompileMemory {
        /// The limit.
        limit_bytes: u64,
    },
    /// Ends too early.
    #[error("ends in the middle, after {size} bytes; copy it again")]
    Truncated {
        /// How much there is.
        size: u64,
    },
    /// The parser or the compiler refuses it.
    #[error("is not a valid component: {0}")]
    Malformed(String),
    /// Uses the component model's async proposal.
    #[error(
        "uses asynchronous component functions, which hooks don't have; \
         build it with synchronous ones (JavaScript: `--sync`)"
    )]
    Async,
    /// No export of the contract.
    #[error(
        "exports no hook; it must export at least one interface of {package}, such as `{example}`",
        package = contract::PACKAGE, example = contract::interface(Hook::AllowSignin.name())
    )]
    NoHooks,
    /// An export of another major version.
    #[error(
        "exports `{0}`, but this server speaks {package}; build it against that version of the WIT",
        package = contract::PACKAGE
    )]
    OtherVersion(String),
    /// An export that this server does not know.
    #[error(
        "exports `{name}`, a hook that this server does not know{hint}; \
         correct the name, or update the server",
        hint = hint(.nearest.as_deref())
    )]
    UnknownHook {
        /// The export.
        name: String,
        /// The hook whose name is close.
        nearest: Option<String>,
    },
    /// The same hook in two versions.
    #[error("exports {0} twice, in two versions; it must decide for one")]
    Twice(Hook),
    /// An import of the contract's package, but of another version.
    #[error(
        "imports `{0}`, but this server offers {package}; build it against that version of the WIT",
        package = contract::PACKAGE
    )]
    OtherImportVersion(String),
    /// An import that nobody offers.
    #[error(
        "imports `{name}`, which this server does not offer to plugins{hint}; \
         build it without (on offer: {offer}, and WASI 0.2 without files and network)",
        hint = hint(.nearest.as_deref()), offer = contract::offer()
    )]
    UnknownImport {
        /// The import.
        name: String,
        /// The capability whose name is close.
        nearest: Option<String>,
    },
    /// An import that the manifest does not grant.
    #[error(
        "imports {capability}, which its manifest does not grant; {}, or build it without",
        remedy(*.capability, .grants)
    )]
    NotGranted {
        /// The import.
        capability: Capability,
        /// What the manifest's `grants` would have to be.
        grants: Vec<Capability>,
    },
    /// A secret of the manifest is not to be had.
    #[error("can't have its secrets: {0}")]
    Secret(String),
    /// The manifest's `hooks` names what is not there.
    #[error("does not export {0}, which its manifest lists in `hooks`; remove it there, or build it with it")]
    NotExported(Hook),
    /// The manifest's `on_failure` names what is not there.
    #[error(
        "does not export {0}, which its manifest lists in `[on_failure]`; remove it there, or build it with it"
    )]
    PolicyWithoutHook(Hook),
    /// Bigger than a limit allows.
    #[error(
        "needs {needs} {what}, but its limit is {limit}; raise `{name}` under [limits], or make it smaller"
    )]
    TooMuch {
        /// The limit's name.
        name: &'static str,
        /// In words.
        what: &'static str,
        /// What it needs.
        needs: u64,
        /// What it may have.
        limit: u64,
    },
    /// The imports' types differ.
    #[error("does not fit this server's host functions: {0}; build it against the server's WIT")]
    Link(String),
    /// The export's type differs.
    #[error(
        "exports `{export}` with other types than the contract's: {cause}; build it against the server's WIT"
    )]
    Signature {
        /// The export.
        export: String,
        /// The difference.
        cause: String,
    },
    /// No instance could be made.
    #[error("does not start: {}", cause(.0))]
    Start(Stage),
    /// An instance takes longer to start than a whole call may.
    #[error(
        "takes {took_ms} ms to start, but a whole call may take {limit_ms} ms; \
         raise `time_ms` under [limits], or initialise it when it is built"
    )]
    SlowStart {
        /// The time of the second start.
        took_ms: u64,
        /// The limit.
        limit_ms: u64,
    },
    /// Its own check of its settings says no.
    #[error("can't work with its settings: {0}; correct them under [config]")]
    Config(String),
    /// The check of its settings failed.
    #[error("can't check its settings: it {0}")]
    ConfigCheck(Stage),
    /// It gave no usable answer to a made-up question, and the version before it does.
    #[error(
        "fails its smoke call of {hook}: it {stage}; mend it, or say `smoke_call = false` in its manifest"
    )]
    Smoke {
        /// The hook that was called.
        hook: Hook,
        /// How it failed.
        stage: Stage,
    },
    /// Another plugin has that name.
    #[error("has the name of `{0}.wasm` but for upper and lower case; rename one of them")]
    SameName(String),
    /// The manifest is at fault.
    #[error("has a manifest that can't be used: {0}")]
    Manifest(#[from] ManifestError),
    /// Its file can't be read.
    #[error("can't be read: {0}")]
    Read(String),
    /// Two readings differ again and again.
    #[error("is still being written; it is read again when it has changed")]
    Unstable,
    /// A symbolic link to elsewhere.
    #[error("is a symbolic link that leaves the plugin folder; copy the file into the folder")]
    Outside,
    /// Not a file that the server would look at.
    #[error("does not end in `.wasm`, and only such files are plugins; rename it")]
    Ending,
    /// Not a name that logs and metrics can carry.
    #[error("has a name that can't be a plugin's: use up to 64 letters, digits, `-`, `_` and `.`")]
    Name,
    /// The host is at fault.
    #[error("could not be loaded: {0}")]
    Host(String),
}

/// What to write into the manifest.
fn remedy(capability: Capability, grants: &[Capability]) -> String {
    let names: Vec<_> = grants.iter().map(|grant| format!("\"{grant}\"")).collect();
    let more = match capability {
        Capability::Http => " and, below [http], `hosts = [\"HOST\"]` for whom it may talk to",
        Capability::Secrets => " and, below [secrets], `NAME = { file = \"/run/secrets/NAME\" }`",
        _ => "",
    };
    format!("write `grants = [{}]` into it{more}", names.join(", "))
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn cause(stage: &Stage) -> String {
    match stage {
        Stage::Instantiate(cause) => cause.clone(),
        other => format!("it {other}"),
    }
}
