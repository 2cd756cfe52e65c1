//! What was learnt of a provider, and is good for a while.

use std::sync::Arc;

use hookgate_core::oauth::ProviderError;
use tokio::sync::Mutex;

/// How long something is used before it is asked for again, in milliseconds.
const MAX_AGE_MS: i64 = 3_600_000;
/// How long a failure is the answer for those who come next, in milliseconds: they would all wait for
/// the same time-out.
const FAILURE_AGE_MS: i64 = 1_000;
/// The least time between two looks that somebody outside can cause, in milliseconds.
const MIN_INTERVAL_MS: i64 = 30_000;

/// One document.
pub(super) struct Cache<T>(Mutex<State<T>>);

struct State<T> {
    value: Option<(Arc<T>, i64)>,
    failure: Option<(ProviderError, i64)>,
    refreshed_at_ms: Option<i64>,
}

impl<T> Cache<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { value: None, failure: None, refreshed_at_ms: None }))
    }

    /// The document, asked for if there is none that is young enough. An old one is better than none.
    pub(super) async fn get<F>(&self, now_ms: i64, fetch: F) -> Result<Arc<T>, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let mut state = self.0.lock().await;
        if let Some((value, at)) = &state.value
            && now_ms < at + MAX_AGE_MS
        {
            return Ok(Arc::clone(value));
        }
        state.fetch(now_ms, fetch).await
    }

    /// A newer document than the one that somebody found wanting, unless one was asked for that way just
    /// now.
    pub(super) async fn refresh<F>(&self, now_ms: i64, fetch: F) -> Result<Arc<T>, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let mut state = self.0.lock().await;
        if let (Some((value, _)), Some(at)) = (&state.value, state.refreshed_at_ms)
            && now_ms < at + MIN_INTERVAL_MS
        {
            return Ok(Arc::clone(value));
        }
        state.refreshed_at_ms = Some(now_ms);
        state.fetch(now_ms, fetch).await
    }
}

impl<T> State<T> {
    async fn fetch<F>(&mut self, now_ms: i64, fetch: F) -> Result<Arc<T>, ProviderError>
    where
        F: Future<Output = Result<T, ProviderError>>,
    {
        let fresh_failure = self.failure.clone().filter(|(_, at)| now_ms < at + FAILURE_AGE_MS);
        let error = match fresh_failure {
            Some((error, _)) => error,
            None => match fetch.await {
                Ok(value) => {
                    let value = Arc::new(value);
                    (self.value, self.failure) = (Some((Arc::clone(&value), now_ms)), None);
                    return Ok(value);
                }
                Err(error) => {
                    self.failure = Some((error.clone(), now_ms));
                    error
                }
            },
        };
        match &self.value {
            Some((value, _)) => {
                tracing::warn!(%error, "what was learnt of an OAuth provider before is used further");
                Ok(Arc::clone(value))
            }
            None => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: Result<u32, ProviderError> = Err(ProviderError::Unavailable(String::new()));

    async fn get(cache: &Cache<u32>, now_ms: i64, answer: Result<u32, ProviderError>) -> Option<u32> {
        cache.get(now_ms, async { answer }).await.ok().map(|value| *value)
    }

    async fn refresh(cache: &Cache<u32>, now_ms: i64, answer: Result<u32, ProviderError>) -> Option<u32> {
        cache.refresh(now_ms, async { answer }).await.ok().map(|value| *value)
    }

    #[tokio::test]
    async fn a_document_is_kept_for_an_hour_and_longer_if_there_is_no_other() {
        let cache = Cache::new();
        assert_eq!(get(&cache, 0, Ok(1)).await, Some(1));
        assert_eq!(get(&cache, MAX_AGE_MS - 1, Ok(2)).await, Some(1));
        assert_eq!(get(&cache, MAX_AGE_MS, NO).await, Some(1));
        assert_eq!(get(&cache, MAX_AGE_MS + FAILURE_AGE_MS, Ok(3)).await, Some(3));
    }

    #[tokio::test]
    async fn a_failure_is_remembered_shortly() {
        let cache = Cache::new();
        assert_eq!(get(&cache, 0, NO).await, None);
        assert_eq!(get(&cache, FAILURE_AGE_MS - 1, Ok(1)).await, None);
        assert_eq!(get(&cache, FAILURE_AGE_MS, Ok(1)).await, Some(1));
    }

    #[tokio::test]
    async fn others_can_cause_a_look_only_now_and_then() {
        let cache = Cache::new();
        assert_eq!(get(&cache, 0, Ok(1)).await, Some(1));
        assert_eq!(refresh(&cache, 1, Ok(2)).await, Some(2));
        assert_eq!(refresh(&cache, 2, Ok(3)).await, Some(2));
        assert_eq!(refresh(&cache, MIN_INTERVAL_MS, Ok(3)).await, Some(2));
        assert_eq!(refresh(&cache, MIN_INTERVAL_MS + 1, NO).await, Some(2));
    }
}
