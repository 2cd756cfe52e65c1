//! `request`: what is known of the request that caused the call.

use hookgate_core::hooks::TokenUse;

use crate::contract::bindings::host::hookgate::hooks::request::{Host, TokenType};
use crate::state::CallState;
use crate::text::truncate;

/// As the WIT promises.
const MAX_USER_AGENT: usize = 512;

impl Host for CallState {
    fn id(&mut self) -> String {
        self.context().request.id.clone()
    }

    fn time(&mut self) -> u64 {
        u64::try_from(self.context().request.time_ms).unwrap_or(0)
    }

    fn ip(&mut self) -> Option<String> {
        self.context().request.ip.clone()
    }

    fn user_agent(&mut self) -> Option<String> {
        self.context().request.user_agent.as_deref().map(|text| truncate(text, MAX_USER_AGENT).to_owned())
    }

    fn provider(&mut self) -> Option<String> {
        self.context().provider.clone()
    }

    fn is_new(&mut self) -> bool {
        self.context().is_new
    }

    fn token_kind(&mut self) -> Option<TokenType> {
        self.context().token_use.map(|token| match token {
            TokenUse::Access => TokenType::Access,
            TokenUse::Refresh => TokenType::Refresh,
        })
    }

    fn event_id(&mut self) -> Option<String> {
        self.context().event_id.clone()
    }

    fn attempt(&mut self) -> u32 {
        self.context().attempt
    }
}
