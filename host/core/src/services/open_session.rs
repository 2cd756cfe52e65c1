//! From a user who may come in to a session, whatever the way in.

use serde_json::{Value, json};

use super::Services;
use crate::JsonObject;
use crate::adapters::Change;
use crate::clock::Timestamp;
use crate::error::AuthError;
use crate::hooks::{HookChain, HookContext, TokenUse};
use crate::ids::{SessionId, generate_secret};
use crate::session::Session;
use crate::settings::SessionStrategy;
use crate::token::{Token, TokenKey, TokenKind};
use crate::tokens::Claims;
use crate::user::User;

/// What a caller gets for signing in.
#[derive(Clone, PartialEq, Eq)]
pub enum SignedIn {
    /// With `session_strategy = "jwt"`.
    Tokens(TokenPair),
    /// With `session_strategy = "database"`.
    Session(SessionToken),
}

/// An access and a refresh token.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// A JWT for services.
    pub access_token: String,
    /// A JWT for `/refresh` alone, good once.
    pub refresh_token: String,
    /// How long the access token is good, in seconds.
    pub expires_in: i64,
    /// How long the refresh token is good, in seconds.
    pub refresh_expires_in: i64,
}

/// An opaque session token.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionToken {
    /// The secret. Only its digest is stored.
    pub session_token: String,
    /// How long it is good, in seconds.
    pub expires_in: i64,
}

/// A session that is not stored yet: the caller adds `changes` to its transaction, and gives
/// `signed_in` away after the commit.
pub(super) struct Opened {
    pub(super) signed_in: SignedIn,
    pub(super) changes: Vec<Change>,
}

/// A new pair of tokens and what has to be remembered of it.
pub(super) struct IssuedPair {
    pub(super) pair: TokenPair,
    pub(super) refresh: Token,
}

impl Services {
    /// Makes a session for a user, asking `modify-session` or `modify-jwt` on the way.
    pub(super) async fn open_session(
        &self,
        chain: &dyn HookChain,
        context: &HookContext,
        user: &User,
        remember: bool,
    ) -> Result<Opened, AuthError> {
        let jwt = &self.settings.jwt;
        let ttl = if remember { jwt.remember_me_ttl } else { jwt.refresh_token_ttl };
        let now = self.clock.now();
        let session = Session {
            id: SessionId::generate(),
            user_id: user.id.clone(),
            key: None,
            ip_address: context.request.ip.clone(),
            user_agent: context.request.user_agent.clone(),
            payload: JsonObject::new(),
            created_at: now,
            expires_at: now.plus(ttl),
        };
        match self.settings.session_strategy {
            SessionStrategy::Jwt => {
                let issued = self.issue_pair(chain, context, user, &session.id, ttl).await?;
                Ok(Opened {
                    signed_in: SignedIn::Tokens(issued.pair),
                    changes: vec![Change::CreateSession(session), Change::CreateToken(issued.refresh)],
                })
            }
            SessionStrategy::Database => {
                let secret = generate_secret();
                let mut session = self.modify_session(chain, context, user, session).await?;
                session.key = Some(TokenKey::of(&secret));
                Ok(Opened {
                    signed_in: SignedIn::Session(SessionToken { session_token: secret, expires_in: ttl }),
                    changes: vec![Change::CreateSession(session)],
                })
            }
        }
    }

    /// Makes a pair of tokens for a session. `ttl` is the refresh token's, in seconds.
    pub(super) async fn issue_pair(
        &self,
        chain: &dyn HookChain,
        context: &HookContext,
        user: &User,
        session: &SessionId,
        ttl: i64,
    ) -> Result<IssuedPair, AuthError> {
        let access_ttl = self.settings.jwt.access_token_ttl;
        let access = self.claims(chain, context, user, session, TokenUse::Access, access_ttl).await?;
        let refresh = self.claims(chain, context, user, session, TokenUse::Refresh, ttl).await?;
        let now = self.clock.now();
        let token = Token {
            key: TokenKey::of(text(&refresh, "jti")),
            kind: TokenKind::Refresh,
            user_id: user.id.clone(),
            session_id: Some(session.clone()),
            // A login with "remember me" stays one when it is refreshed.
            data: json!({ "ttl": ttl }),
            created_at: now,
            expires_at: expiry(&refresh),
        };
        let pair = TokenPair {
            access_token: self.sign(&access)?,
            refresh_token: self.sign(&refresh)?,
            // A plugin may have shortened them.
            expires_in: expiry(&access).0 - now.0,
            refresh_expires_in: token.expires_at.0 - now.0,
        };
        Ok(IssuedPair { pair, refresh: token })
    }

    /// The claims of one token as the plugins left them.
    pub(super) async fn claims(
        &self,
        chain: &dyn HookChain,
        context: &HookContext,
        user: &User,
        session: &SessionId,
        token_use: TokenUse,
        ttl: i64,
    ) -> Result<JsonObject, AuthError> {
        let claims = Claims::new(&self.settings.jwt, self.clock.now()).build(user, session, token_use, ttl);
        Ok(chain.modify_jwt(&context.for_token(token_use), claims, user).await?)
    }

    pub(super) fn sign(&self, claims: &JsonObject) -> Result<String, AuthError> {
        let signed = self.signer.sign(claims, self.clock.now());
        signed.map_err(|error| AuthError::Internal(format!("a token: {error}")))
    }

    /// Lets plugins change what is remembered of a session. What only the server may set was guarded
    /// by the chain.
    async fn modify_session(
        &self,
        chain: &dyn HookChain,
        context: &HookContext,
        user: &User,
        session: Session,
    ) -> Result<Session, AuthError> {
        let mut payload = JsonObject::new();
        let mut set = |name: &str, value: Value| payload.insert(name.to_owned(), value);
        set("id", json!(session.id));
        set("user_id", json!(session.user_id));
        set("ip_address", json!(session.ip_address));
        set("user_agent", json!(session.user_agent));
        set("created_at", json!(session.created_at));
        set("expires_at", json!(session.expires_at));
        let mut payload = chain.modify_session(context, payload, user).await?;
        for reserved in crate::hooks::RESERVED_SESSION_FIELDS {
            payload.remove(reserved);
        }
        // A plugin may shorten or drop what is kept of the peer, to keep less personal data.
        let mut take = |name: &str| match payload.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (ip_address, user_agent) = (take("ip_address"), take("user_agent"));
        Ok(Session { ip_address, user_agent, payload, ..session })
    }
}

fn text<'a>(claims: &'a JsonObject, name: &str) -> &'a str {
    claims.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn expiry(claims: &JsonObject) -> Timestamp {
    Timestamp(claims.get("exp").and_then(Value::as_i64).unwrap_or_default())
}
