//! How long after its deadline a hook that never answers is really over.

use std::time::Instant;

use hookgate_core::hooks::{HookContext, RequestContext};
use hookgate_hooks::{EngineConfig, HookEngine, HookInput, Limits, Manifest};

use crate::{guest, hook_call};

const TIME_MS: u64 = 20;
const CALLS: usize = 200;

pub(crate) async fn report() {
    let limits = Limits { time_ms: TIME_MS, cpu_ms: TIME_MS, ..Limits::default() };
    let engine = HookEngine::new(EngineConfig { limits, ..EngineConfig::default() }).unwrap();
    let plugin = engine.prepare("gate-loop", guest("gate-loop"), Manifest::default()).await.unwrap();
    let (user, _) = hook_call::subject();
    let context = HookContext::of(RequestContext::default());
    let mut overshoots = Vec::new();
    for _ in 0..CALLS {
        let began = Instant::now();
        let (answer, _) =
            plugin.call(&context, HookInput::AllowSignin { user: &user, provider: "credentials" }).await;
        let took = began.elapsed().as_secs_f64() * 1e3;
        assert!(answer.is_err(), "{answer:?}");
        overshoots.push(took - TIME_MS as f64);
    }
    overshoots.sort_by(f64::total_cmp);
    println!("\n## An endless loop (deadline {TIME_MS} ms, {CALLS} calls, one at a time)\n");
    println!("| beyond the deadline | ms |");
    println!("|---|---|");
    for (what, percent) in [("p50", 50), ("p99", 99), ("the longest", 100)] {
        println!("| {what} | {:.2} |", overshoots[(CALLS - 1) * percent / 100]);
    }
}
