//! Sessions in memory.

use async_trait::async_trait;
use hookgate_core::adapters::{Change, Conflict, SessionAdapter, StoreError, StoreResult, Transactions as _};
use hookgate_core::clock::Timestamp;
use hookgate_core::ids::{SessionId, UserId};
use hookgate_core::session::Session;
use hookgate_core::token::TokenKey;
use hookgate_core::user::User;

use super::memory_state::{Memory, State};

impl State {
    fn live_session(&self, id: &SessionId, now: Timestamp) -> Option<&Session> {
        self.sessions.get(id).filter(|session| now < session.expires_at)
    }

    pub(super) fn create_session(&mut self, session: Session) -> StoreResult<()> {
        self.require_user(&session.user_id)?;
        if self.sessions.contains(&session.id)
            || session.key.is_some_and(|key| self.session_keys.contains(&key))
        {
            return Err(StoreError::unavailable("a session of that id or key exists"));
        }
        if let Some(key) = session.key {
            self.session_keys.put(key, session.id.clone());
        }
        self.sessions.put(session.id.clone(), session);
        Ok(())
    }

    pub(super) fn extend_session(&mut self, id: &SessionId, expires_at: Timestamp) -> StoreResult<()> {
        if self.sessions.update(id, |session| session.expires_at = expires_at) {
            Ok(())
        } else {
            Err(Conflict::SessionMissing.into())
        }
    }

    pub(super) fn delete_session(&mut self, id: &SessionId) -> StoreResult<()> {
        if let Some(session) = self.sessions.remove(id) {
            if let Some(key) = session.key {
                self.session_keys.remove(&key);
            }
            self.tokens.remove_where(usize::MAX, |_, token| token.session_id.as_ref() == Some(id));
        }
        Ok(())
    }

    pub(super) fn delete_user_sessions(&mut self, user: &UserId) -> StoreResult<()> {
        self.delete_sessions(usize::MAX, |session| session.user_id == *user).map(drop)
    }

    fn delete_sessions(&mut self, limit: usize, unwanted: impl Fn(&Session) -> bool) -> StoreResult<usize> {
        let ids: Vec<SessionId> = self
            .sessions
            .values()
            .filter(|session| unwanted(session))
            .take(limit)
            .map(|session| session.id.clone())
            .collect();
        ids.iter().try_for_each(|id| self.delete_session(id))?;
        Ok(ids.len())
    }
}

#[async_trait]
impl SessionAdapter for Memory {
    async fn create_session(&self, session: Session) -> StoreResult<()> {
        self.commit(vec![Change::CreateSession(session)]).await
    }

    async fn get_session(&self, id: &SessionId, now: Timestamp) -> StoreResult<Option<Session>> {
        self.look(|state| state.live_session(id, now).cloned())
    }

    async fn get_session_with_user(
        &self,
        id: &SessionId,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>> {
        self.look(|state| {
            let session = state.live_session(id, now)?;
            let row = state.users.get(&session.user_id)?;
            Some((session.clone(), row.user.clone()))
        })
    }

    async fn get_session_by_key(
        &self,
        key: &TokenKey,
        now: Timestamp,
    ) -> StoreResult<Option<(Session, User)>> {
        self.look(|state| {
            let session = state.live_session(state.session_keys.get(key)?, now)?;
            let row = state.users.get(&session.user_id)?;
            Some((session.clone(), row.user.clone()))
        })
    }

    async fn list_user_sessions(&self, user: &UserId, now: Timestamp) -> StoreResult<Vec<Session>> {
        let mut sessions: Vec<Session> = self.look(|state| {
            let is_wanted = |session: &&Session| session.user_id == *user && now < session.expires_at;
            state.sessions.values().filter(is_wanted).cloned().collect()
        })?;
        // Stable: of the same second in the order of their ids.
        sessions.sort_by_key(|session| session.created_at);
        Ok(sessions)
    }

    async fn delete_session(&self, id: &SessionId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteSession(id.clone())]).await
    }

    async fn delete_user_sessions(&self, user: &UserId) -> StoreResult<()> {
        self.commit(vec![Change::DeleteUserSessions(user.clone())]).await
    }

    async fn cleanup_expired_sessions(&self, now: Timestamp, limit: usize) -> StoreResult<usize> {
        self.change(|state| state.delete_sessions(limit, |session| session.expires_at <= now))
    }
}
