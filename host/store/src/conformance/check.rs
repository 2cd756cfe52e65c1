//! One promise and how it is checked.

use std::fmt;
use std::pin::Pin;

use hookgate_core::adapters::Adapters;

type CheckFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A promise that adapters make.
pub struct Check {
    name: &'static str,
    run: fn(Adapters) -> CheckFuture,
}

impl Check {
    pub(super) const fn new(name: &'static str, run: fn(Adapters) -> CheckFuture) -> Self {
        Self { name, run }
    }

    /// What is checked, as `adapter::promise`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Checks an empty store.
    ///
    /// # Panics
    /// When polled, if the promise is broken.
    pub fn run(&self, adapters: Adapters) -> impl Future<Output = ()> + Send + 'static {
        (self.run)(adapters)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({})", self.name)
    }
}

/// The checks of a file, by the names of its functions. One that is left out is an unused function.
macro_rules! checks {
    ($adapter:literal: $($name:ident),+ $(,)?) => {
        pub(super) const CHECKS: &[$crate::conformance::Check] = &[
            $($crate::conformance::Check::new(
                concat!($adapter, "::", stringify!($name)),
                |adapters| Box::pin(async move { $name(&adapters).await }),
            ),)+
        ];
    };
}
pub(super) use checks;
