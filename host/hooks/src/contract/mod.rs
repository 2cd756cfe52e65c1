//! The names of the contract with plugins: package, version, interfaces.

pub(crate) mod adapt;
pub(crate) mod bindings;
pub(crate) mod call;
pub(crate) mod capability;

use capability::Capability;
use hookgate_core::hooks::Hook;

/// The package that this server speaks.
pub const PACKAGE: &str = "hookgate:hooks@0.1.0";

const NAMESPACE: &str = "hookgate";
const NAME: &str = "hooks";
/// Minor versions below 1.0 are incompatible with each other.
const COMPATIBLE: &str = "0.1.";

/// The full name of an interface of the package.
pub(crate) fn interface(name: &str) -> String {
    format!("{NAMESPACE}:{NAME}/{name}@{COMPATIBLE}0")
}

/// What plugins may import of the package.
pub(crate) fn offer() -> String {
    Capability::ALL.iter().map(|c| interface(c.name())).collect::<Vec<_>>().join(", ")
}

/// The interface with which a plugin checks its own settings, and its function.
pub(crate) const VALIDATE_CONFIG: &str = "validate-config";

/// The name of an import or export, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name<'a> {
    /// `hookgate:hooks/types`: shared types, no function.
    Types,
    /// [`VALIDATE_CONFIG`].
    ValidateConfig,
    /// A hook.
    Hook(Hook),
    /// A capability.
    Capability(Capability),
    /// Another interface of the right version of the package.
    UnknownInterface(&'a str),
    /// An interface of the namespace in another version or another package.
    OtherVersion,
    /// One of the WASI 0.2 interfaces that are there, empty.
    Wasi,
    /// Anything else.
    Foreign,
}

impl<'a> Name<'a> {
    pub(crate) fn of(name: &'a str) -> Self {
        let Some((namespace, rest)) = name.split_once(':') else { return Self::Foreign };
        let Some((package, rest)) = rest.split_once('/') else { return Self::Foreign };
        let (interface, version) = match rest.split_once('@') {
            Some((interface, version)) => (interface, Some(version)),
            None => (rest, None),
        };
        match namespace {
            "wasi" => wasi(package, version),
            NAMESPACE if package == NAME && version.is_some_and(|v| v.starts_with(COMPATIBLE)) => {
                own(interface)
            }
            NAMESPACE => Self::OtherVersion,
            _ => Self::Foreign,
        }
    }
}

fn own(interface: &str) -> Name<'_> {
    if interface == "types" {
        return Name::Types;
    }
    if interface == VALIDATE_CONFIG {
        return Name::ValidateConfig;
    }
    if let Some(capability) = Capability::from_name(interface) {
        return Name::Capability(capability);
    }
    match Hook::ALL.iter().find(|hook| hook.name() == interface) {
        Some(hook) => Name::Hook(*hook),
        None => Name::UnknownInterface(interface),
    }
}

fn wasi<'a>(package: &str, version: Option<&str>) -> Name<'a> {
    let known = matches!(package, "io" | "clocks" | "random" | "cli" | "filesystem" | "sockets");
    if known && version.is_some_and(|version| version.starts_with("0.2.")) {
        Name::Wasi
    } else {
        Name::Foreign
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        for (name, is) in [
            ("hookgate:hooks/types@0.1.0", Name::Types),
            ("hookgate:hooks/modify-jwt@0.1.0", Name::Hook(Hook::ModifyJwt)),
            ("hookgate:hooks/modify-jwt@0.1.9", Name::Hook(Hook::ModifyJwt)),
            ("hookgate:hooks/modify_jwt@0.1.0", Name::UnknownInterface("modify_jwt")),
            ("hookgate:hooks/log@0.1.0", Name::Capability(Capability::Log)),
            ("hookgate:hooks/modify-jwt@0.2.0", Name::OtherVersion),
            ("hookgate:hooks/modify-jwt@1.0.0", Name::OtherVersion),
            ("hookgate:hooks/modify-jwt", Name::OtherVersion),
            ("hookgate:other/thing@0.1.0", Name::OtherVersion),
            ("wasi:io/streams@0.2.6", Name::Wasi),
            ("wasi:io/streams@0.3.0", Name::Foreign),
            ("wasi:http/types@0.2.6", Name::Foreign),
            ("init", Name::Foreign),
            ("acme:kv/store@1.0.0", Name::Foreign),
        ] {
            assert_eq!(Name::of(name), is, "{name}");
        }
    }
}
