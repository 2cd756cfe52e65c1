//! What the plugin keeps, sends and uses in a test.

use super::{Host, Reply, SentRequest};
use crate::host::fake_state::{Entry, with};

impl Host {
    /// Puts a value into the plugin's store.
    pub fn with_kv(self, key: &str, value: impl Into<Vec<u8>>) -> Self {
        let entry = Entry { value: value.into(), ends: None };
        with(|state| state.outside.kv.insert(key.to_owned(), entry));
        self
    }

    /// What the plugin's store holds now.
    pub fn kv(&self, key: &str) -> Option<Vec<u8>> {
        crate::kv::get(key).ok().flatten()
    }

    /// Answers requests of this method to this URL. What nobody answers is denied.
    pub fn with_reply(self, method: &str, url: &str, reply: Reply) -> Self {
        with(|state| state.outside.replies.push((method.to_owned(), url.to_owned(), reply)));
        self
    }

    /// The requests that the plugin has sent so far.
    pub fn requests(&self) -> Vec<SentRequest> {
        with(|state| state.outside.sent.clone())
    }

    /// Lends a secret to the plugin.
    pub fn with_secret(self, name: &str, value: &str) -> Self {
        with(|state| state.outside.secrets.insert(name.to_owned(), value.to_owned()));
        self
    }
}
