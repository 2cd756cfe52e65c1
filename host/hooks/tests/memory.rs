//! Ten thousand calls, some of which end badly, leave nothing behind. In a process of its own, since
//! other tests would disturb the measurement.

#![cfg(target_os = "linux")]

#[path = "host/kit.rs"]
#[expect(dead_code, reason = "the other tests use the rest")]
mod kit;

use hookgate_core::hooks::{Hook, Hooks as _};
use hookgate_hooks::{HookInput, Registry};

use kit::{ENGINE, claims, context, guest, identity, load, user};

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_leave_nothing_behind() {
    let good = load("good", identity()).await;
    let trap = load("trap", guest(Hook::ModifyJwt, "", "unreachable")).await;
    let bomb = "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 256)) (i32.const -1)))) unreachable";
    let bomb = load("bomb", guest(Hook::ModifyJwt, "", bomb)).await;
    let registry = Registry::new(vec![good]);
    let user = user();
    let round = async |calls: u32| {
        for n in 0..calls {
            let answer = registry.pin().modify_jwt(&context(), claims(), &user).await;
            assert!(answer.is_ok(), "{answer:?}");
            let input = HookInput::ModifyJwt { claims: "{}", user: &user };
            if n % 10 == 0 {
                assert!(trap.call(&context(), input).await.0.is_err());
            }
            if n % 100 == 0 {
                assert!(bomb.call(&context(), input).await.0.is_err());
            }
        }
    };
    round(1_000).await;
    let before = resident();
    round(10_000).await;
    let after = resident();
    assert!(after < before + 8 * 1024, "{before} KiB before, {after} KiB after");
    assert_eq!(ENGINE.free_slots(), ENGINE.concurrent_calls() as usize);
}
