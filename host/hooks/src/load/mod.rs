//! From a component's bytes to a plugin that is ready to be called, or to a sentence that says why not.

pub(crate) mod loader;
pub(crate) mod machine_code;
pub(crate) mod status;
pub(crate) mod trial;
