//! An application for unit tests, over a store in memory.

use std::sync::Arc;

use hookgate_core::clock::{ManualClock, Timestamp};
use hookgate_core::hooks::NoHooks;
use hookgate_core::oauth::OAuthProviders;
use hookgate_core::passwords::{Argon2Settings, PasswordHasher};
use hookgate_core::services::{Parts, Services};
use hookgate_core::settings::{JwtSettings, Providers, Settings};
use hookgate_core::tokens::{Sealer, TokenSigner};
use hookgate_store::MemoryStore;

use crate::options::HttpOptions;
use crate::state::App;

/// An application without users.
pub(crate) fn app() -> Arc<App> {
    let cheap = Argon2Settings { memory_kib: 64, iterations: 1, parallelism: 1 };
    let providers = Providers { credentials: true, magic_links: true };
    let services = Services::new(Parts {
        adapters: MemoryStore::new().adapters(),
        hooks: Arc::new(NoHooks),
        hasher: PasswordHasher::start(cheap, 1, 1).expect("starts"),
        mailer: Arc::new(hookgate_core::adapters::NoMailer),
        oauth: OAuthProviders::default(),
        signer: TokenSigner::hs256(&[7; 32]).expect("long enough"),
        sealer: Sealer::new(&[7; 32]),
        settings: Settings {
            providers,
            jwt: JwtSettings { jwks_enabled: true, ..JwtSettings::default() },
            ..Settings::default()
        },
        clock: Arc::new(ManualClock::at(Timestamp(1_700_000_000))),
    });
    Arc::new(App::new(Arc::new(services), HttpOptions::default()))
}
