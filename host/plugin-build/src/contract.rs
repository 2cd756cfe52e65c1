//! The contract as text, so that a module can be fitted to it without a file.

/// The package that plugins are built for.
pub const PACKAGE: &str = "hookgate:hooks@0.1.0";

/// All of `wit/`, the file with the package's name first.
pub(crate) const FILES: [&str; 7] = [
    include_str!("../../../wit/types.wit"),
    include_str!("../../../wit/gates.wit"),
    include_str!("../../../wit/mutations.wit"),
    include_str!("../../../wit/events.wit"),
    include_str!("../../../wit/setup.wit"),
    include_str!("../../../wit/host.wit"),
    include_str!("../../../wit/world.wit"),
];

/// The name of the world in [`with_world`].
pub const WORLD: &str = "plugin";

/// The contract and a world that exports exactly these interfaces.
#[must_use]
pub fn with_world(exports: &[String]) -> String {
    let exports: Vec<String> = exports.iter().map(|name| format!("    export {name};\n")).collect();
    format!("{}\nworld {WORLD} {{\n    include host;\n{}}}\n", FILES.join("\n"), exports.concat())
}
