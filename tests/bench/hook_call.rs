//! A hook call in the plugin host, beside bare wasmtime that instantiates and calls the same component.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hookgate_core::JsonObject;
use hookgate_core::clock::Timestamp;
use hookgate_core::hooks::{HookContext, Hooks as _, RequestContext, TokenUse};
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::settings::JwtSettings;
use hookgate_core::tokens::Claims;
use hookgate_core::user::User;
use hookgate_hooks::{EngineConfig, HookEngine, Manifest, Registry};
use wasmtime::Store;
use wasmtime::component::{Component, ComponentExportIndex, ComponentType, InstancePre, Linker, Lower};

use crate::{guest, median};

/// Calls in one round.
pub(crate) const CALLS: usize = 5_000;
const ROUNDS: usize = 7;

pub(crate) async fn report() {
    let bytes = guest("jwt-add-claim");
    let hookgate = chain(&bytes, 1).await;
    let five = chain(&bytes, 5).await;
    let bare = Bare::new(&bytes);
    let (user, claims) = subject();
    let hookgate = Arc::new(hookgate);
    let callers = std::thread::available_parallelism().map_or(1, usize::from);
    let (mut of_bare, mut of_one, mut of_five, mut of_all) = (vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        of_bare.push(bare.round(&user, &claims).await);
        of_one.push(round(&hookgate, &user, &claims).await);
        of_five.push(round(&five, &user, &claims).await);
        of_all.push(rounds_at_once(&hookgate, callers, &user, &claims).await);
    }
    let bare = median(of_bare);
    println!(
        "\n## Hook calls (`modify-jwt` of a Rust plugin that adds a claim, a fresh instance each, median of {ROUNDS} × {CALLS})\n"
    );
    println!("| what | µs | of bare wasmtime | calls per second and core |");
    println!("|---|---|---|---|");
    println!("| bare wasmtime: instantiate, call, drop | {bare:.1} | 1.00 | {:.0} |", 1e6 / bare);
    for (what, calls, figures) in [
        ("one plugin, with JSON, limits and claim guard", 1.0, of_one),
        ("a chain of five", 5.0, of_five),
        (&format!("one plugin, {callers} callers at once"), 1.0, of_all),
    ] {
        let micros = median(figures);
        println!("| {what} | {micros:.1} | {:.2} | {:.0} |", micros / bare, calls * 1e6 / micros);
    }
}

/// The same by several callers at once, each of which takes a core.
async fn rounds_at_once(registry: &Arc<Registry>, callers: usize, user: &User, claims: &JsonObject) -> f64 {
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let (registry, user, claims) = (Arc::clone(registry), user.clone(), claims.clone());
            tokio::spawn(async move { round(&registry, &user, &claims).await })
        })
        .collect();
    let mut slowest = 0.0_f64;
    for caller in callers {
        slowest = slowest.max(caller.await.unwrap());
    }
    slowest
}

/// Whose token it is, and its claims.
pub(crate) fn subject() -> (User, JsonObject) {
    let now = Timestamp(1_800_000_000);
    let user = User {
        id: UserId::generate(),
        email: "ada@example.com".to_owned(),
        name: Some("Ada".to_owned()),
        image: None,
        email_verified: true,
        is_active: true,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    };
    let claims =
        Claims::new(&JwtSettings::default(), now).build(&user, &SessionId::generate(), TokenUse::Access, 900);
    (user, claims)
}

/// So many plugins of the same component, one after the other.
pub(crate) async fn chain(bytes: &[u8], plugins: usize) -> Registry {
    let engine = HookEngine::new(EngineConfig::default()).unwrap();
    let mut prepared = Vec::new();
    for n in 0..plugins {
        prepared
            .push(engine.prepare(&format!("plugin-{n}"), bytes.to_vec(), Manifest::default()).await.unwrap());
    }
    Registry::new(prepared)
}

/// The mean of a round, in microseconds.
pub(crate) async fn round(registry: &Registry, user: &User, claims: &JsonObject) -> f64 {
    let context = HookContext::of(RequestContext::default()).for_token(TokenUse::Access);
    let mut spent = Duration::ZERO;
    for _ in 0..CALLS {
        // Each token has claims of its own; making them is not the hook's affair.
        let claims = claims.clone();
        let started = Instant::now();
        let answer = registry.pin().modify_jwt(&context, claims, user).await.unwrap();
        assert!(answer.contains_key("added_by"));
        drop(answer);
        spent += started.elapsed();
    }
    spent.as_secs_f64() * 1e6 / CALLS as f64
}

/// wasmtime with the settings of the plugin host and nothing around it.
struct Bare {
    engine: HookEngine,
    pre: InstancePre<()>,
    function: ComponentExportIndex,
}

/// `hookgate:hooks/types.user`
#[derive(Clone, Copy, ComponentType, Lower)]
#[component(record)]
struct UserRecord<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
    image: Option<&'a str>,
    #[component(name = "email-verified")]
    email_verified: bool,
    #[component(name = "is-active")]
    is_active: bool,
}

impl Bare {
    fn new(bytes: &[u8]) -> Self {
        let engine = HookEngine::new(EngineConfig::default()).unwrap();
        let component = Component::new(engine.wasmtime(), bytes).unwrap();
        let mut linker = Linker::new(engine.wasmtime());
        let mut config = linker.instance("hookgate:hooks/config@0.1.0").unwrap();
        config.func_wrap("get", |_, (_key,): (String,)| Ok((None::<String>,))).unwrap();
        linker.define_unknown_imports_as_traps(&component).unwrap();
        let interface = component.get_export_index(None, "hookgate:hooks/modify-jwt@0.1.0").unwrap();
        let function = component.get_export_index(Some(&interface), "modify-jwt").unwrap();
        let pre = linker.instantiate_pre(&component).unwrap();
        Self { engine, pre, function }
    }

    async fn round(&self, user: &User, claims: &JsonObject) -> f64 {
        let claims = serde_json::to_string(claims).unwrap();
        let record = UserRecord {
            id: user.id.as_str(),
            email: &user.email,
            name: user.name.as_deref(),
            image: user.image.as_deref(),
            email_verified: user.email_verified,
            is_active: user.is_active,
        };
        let mut spent = Duration::ZERO;
        for _ in 0..CALLS {
            let started = Instant::now();
            let mut store = Store::new(self.engine.wasmtime(), ());
            store.set_epoch_deadline(1_000_000);
            let instance = self.pre.instantiate_async(&mut store).await.unwrap();
            let hook = instance
                .get_typed_func::<(&str, UserRecord<'_>), (Result<String, String>,)>(
                    &mut store,
                    &self.function,
                )
                .unwrap();
            let (answer,) = hook.call_async(&mut store, (&claims, record)).await.unwrap();
            assert!(answer.is_ok());
            drop((answer, store));
            spent += started.elapsed();
        }
        spent.as_secs_f64() * 1e6 / CALLS as f64
    }
}
