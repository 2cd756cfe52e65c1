//! What a fresh `modify-jwt` costs: bare wasmtime (store, instance, call, drop) beside this crate's
//! chain, which does the same with every limit on.
//!
//! `cargo run --release -p hookgate-hooks --example fresh_call [PLUGIN.wasm]`

#[path = "../tests/host/kit.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod kit;

use std::time::{Duration, Instant};

use hookgate_core::hooks::Hooks as _;
use hookgate_hooks::Registry;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentType, Linker, Lower};

const ROUNDS: usize = 5;
const CALLS: usize = 4_000;

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

#[tokio::main(flavor = "current_thread")]
async fn main() -> wasmtime::Result<()> {
    hookgate_hooks::HookEngine::on_thread_start();
    let bytes = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => kit::identity(),
    };
    let plugin = kit::load("identity", bytes.clone()).await;
    let (user, context, claims) = (kit::user(), kit::context(), kit::claims());

    let engine = plugin_engine();
    let component = Component::from_binary(engine, &bytes)?;
    let mut linker = Linker::<()>::new(engine);
    let mut config = linker.instance("hookgate:hooks/config@0.1.0")?;
    config.func_wrap("get", |_, (_key,): (String,)| Ok((None::<String>,)))?;
    linker.define_unknown_imports_as_traps(&component)?;
    let pre = linker.instantiate_pre(&component)?;
    let interface = component.get_export_index(None, "hookgate:hooks/modify-jwt@0.1.0").expect("the hook");
    let export = component.get_export_index(Some(&interface), "modify-jwt").expect("the function");
    let text = serde_json::to_string(&claims).expect("JSON");
    let record = UserRecord {
        id: user.id.as_str(),
        email: &user.email,
        name: user.name.as_deref(),
        image: None,
        email_verified: true,
        is_active: true,
    };
    let registry = Registry::new(vec![plugin.clone()]);

    for _ in 0..ROUNDS {
        let mut bare = Vec::with_capacity(CALLS);
        let mut chain = Vec::with_capacity(CALLS);
        let mut start = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let began = Instant::now();
            let mut store = Store::new(engine, ());
            store.set_epoch_deadline(1_000_000);
            let instance = pre.instantiate_async(&mut store).await?;
            let hook = instance
                .get_typed_func::<(&str, UserRecord<'_>), (Result<String, String>,)>(&mut store, &export)?;
            let (answer,) = hook.call_async(&mut store, (&text, record)).await?;
            drop(store);
            bare.push(began.elapsed());
            assert!(answer.is_ok());

            let claims = claims.clone();
            let began = Instant::now();
            let answer = registry.pin().modify_jwt(&context, claims, &user).await;
            chain.push(began.elapsed());
            assert!(answer.is_ok(), "{answer:?}");

            let input = hookgate_hooks::HookInput::ModifyJwt { claims: &text, user: &user };
            let (_, report) = plugin.call(&context, input).await;
            start.push(report.total);
        }
        println!("bare {}   chain {}   call alone {}", figures(bare), figures(chain), figures(start));
    }
    Ok(())
}

fn plugin_engine() -> &'static wasmtime::Engine {
    kit::ENGINE.wasmtime()
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100];
    format!("p50 {:>5.1?} p99 {:>6.1?}", at(50), at(99))
}
