//! A call ends with its time, and a panic of the host with the call.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use hookgate_core::hooks::Stage;

use crate::cause::panic_text;
use crate::state::allowance::Allowance;
use crate::state::meter::Meter;
use crate::state::ticker::TICK;

/// Waits for a call, but not beyond its time (a guest may wait in the host, where no epoch reaches it),
/// and turns a panic of the host into a failure of this call. The call is pinned by whoever makes it: it is
/// large, and each layer that owned it would copy it.
pub(crate) async fn bounded<T>(
    allowance: Allowance,
    meter: &Meter,
    mut call: Pin<&mut impl Future<Output = Result<T, Stage>>>,
) -> Result<T, Stage> {
    // Set only for a call that is not over at once, as most are.
    let mut timer = pin!(None);
    poll_fn(|cx| {
        if let Poll::Ready(answer) = meter.measure(|| poll_or_panic(call.as_mut(), cx)) {
            return Poll::Ready(answer.unwrap_or_else(|panic| Err(Stage::Host(format!("a panic: {panic}")))));
        }
        if timer.is_none() {
            // One tick more than the guest has: where both would do, the interrupt knows more.
            let end = meter.began() + allowance.time + TICK;
            timer.set(Some(tokio::time::sleep_until(end.into())));
        }
        match timer.as_mut().as_pin_mut() {
            Some(timer) => timer.poll(cx).map(|()| Err(allowance.breach.into())),
            None => Poll::Pending,
        }
    })
    .await
}

fn poll_or_panic<F: Future>(call: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Result<F::Output, String>> {
    match std::panic::catch_unwind(AssertUnwindSafe(|| call.poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::plugin::limits::Limits;

    fn of_millis(time_ms: u64) -> Allowance {
        Allowance::of(&Limits { time_ms, ..Limits::default() })
    }

    #[tokio::test]
    async fn a_panic_of_the_host_costs_one_call() {
        let meter = Meter::start(Instant::now());
        let outcome =
            bounded::<()>(of_millis(10_000), &meter, pin!(async { panic!("out of {}", "luck") })).await;
        assert_eq!(outcome, Err(Stage::Host("a panic: out of luck".to_owned())));
    }

    #[tokio::test]
    async fn waiting_in_the_host_ends_with_the_time() {
        let meter = Meter::start(Instant::now());
        let outcome = bounded::<()>(of_millis(5), &meter, pin!(std::future::pending())).await;
        assert_eq!(outcome, Err(Stage::Deadline { limit_ms: 5 }));
    }
}
