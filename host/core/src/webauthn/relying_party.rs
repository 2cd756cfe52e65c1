//! Who asks for passkeys: the site, as the operator describes it.

use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::CeremonyError;
use super::authenticator_data::AuthenticatorData;
use super::client_data::ClientData;

/// What the client data of an Android app begins its origin with; the rest is its certificate's hash.
const ANDROID_ORIGIN: &str = "android:apk-key-hash:";

/// Whether the authenticator has to recognise its user, by PIN or finger or face.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UserVerification {
    /// Every time.
    Required,
    /// Where it can.
    #[default]
    Preferred,
    /// Not even where it can: somebody who is present is enough.
    Discouraged,
}

impl UserVerification {
    /// Every choice, with its name in WebAuthn and in the configuration.
    pub const NAMES: [(&'static str, Self); 3] =
        [("required", Self::Required), ("preferred", Self::Preferred), ("discouraged", Self::Discouraged)];

    /// The name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
            Self::Discouraged => "discouraged",
        }
    }
}

/// A site that passkeys are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    id: String,
    name: String,
    origins: Vec<String>,
    user_verification: UserVerification,
}

/// A site that no browser would make a passkey for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelyingPartyError {
    /// Not a domain.
    #[error(
        "`rp_id`: `{0}` is not a domain in lower case, such as example.com; it has neither scheme nor port"
    )]
    Id(String),
    /// A whole top-level domain.
    #[error("`rp_id`: `{0}` has no dot, and only localhost may do without")]
    TopLevel(String),
    /// Nothing to show.
    #[error("`rp_name` must not be empty")]
    Name,
    /// Nowhere to ask.
    #[error("`origin` must name at least one origin, such as https://example.com")]
    NoOrigin,
    /// Not an origin.
    #[error(
        "`origin`: `{0}` is not an origin, such as https://example.com or http://localhost:3000, without a path"
    )]
    Origin(String),
    /// Not encrypted.
    #[error("`origin`: browsers make passkeys only for https, and for http on localhost; `{0}` is neither")]
    Insecure(String),
    /// Elsewhere.
    #[error("`origin`: the host of `{origin}` is neither `{id}` (the `rp_id`) nor a subdomain of it")]
    Foreign {
        /// The origin.
        origin: String,
        /// The relying party.
        id: String,
    },
}

impl RelyingParty {
    /// A site. `id` is its domain, `name` is shown to users, `origins` are those of its pages.
    ///
    /// # Errors
    /// See [`RelyingPartyError`].
    pub fn new(
        id: &str,
        name: &str,
        origins: &[String],
        user_verification: UserVerification,
    ) -> Result<Self, RelyingPartyError> {
        let domain = Host::parse(id).ok().filter(|host| matches!(host, Host::Domain(domain) if domain == id));
        if domain.is_none() || id.ends_with('.') {
            return Err(RelyingPartyError::Id(id.to_owned()));
        }
        if !id.contains('.') && id != "localhost" {
            return Err(RelyingPartyError::TopLevel(id.to_owned()));
        }
        if name.trim().is_empty() {
            return Err(RelyingPartyError::Name);
        }
        if origins.is_empty() {
            return Err(RelyingPartyError::NoOrigin);
        }
        let origins = origins.iter().map(|origin| check_origin(origin, id)).collect::<Result<_, _>>()?;
        Ok(Self { id: id.to_owned(), name: name.to_owned(), origins, user_verification })
    }

    /// The domain.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What users see.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether users have to be recognised.
    #[must_use]
    pub const fn user_verification(&self) -> UserVerification {
        self.user_verification
    }

    pub(super) fn check_client_data(&self, data: &ClientData, kind: &str) -> Result<(), CeremonyError> {
        if data.kind != kind {
            return Err(CeremonyError::Kind);
        }
        if !self.origins.contains(&data.origin) {
            return Err(CeremonyError::Origin);
        }
        // A page inside another could be made to look like something else.
        if data.is_cross_origin {
            return Err(CeremonyError::CrossOrigin);
        }
        Ok(())
    }

    pub(super) fn check_authenticator_data(&self, data: &AuthenticatorData<'_>) -> Result<(), CeremonyError> {
        if data.rp_id_hash[..] != Sha256::digest(&self.id)[..] {
            return Err(CeremonyError::RelyingParty);
        }
        if !data.is_user_present() {
            return Err(CeremonyError::UserPresence);
        }
        if self.user_verification == UserVerification::Required && !data.is_user_verified() {
            return Err(CeremonyError::UserVerification);
        }
        if !data.is_backup_consistent() {
            return Err(CeremonyError::BackupFlags);
        }
        Ok(())
    }
}

/// An origin as browsers write it, if passkeys of this site can be used there.
fn check_origin(text: &str, id: &str) -> Result<String, RelyingPartyError> {
    if text.strip_prefix(ANDROID_ORIGIN).is_some_and(|hash| !hash.is_empty()) {
        return Ok(text.to_owned());
    }
    let wrong = || RelyingPartyError::Origin(text.to_owned());
    let url = Url::parse(text).map_err(|_| wrong())?;
    let origin = url.origin().ascii_serialization();
    // A lone slash is what people copy from the address bar.
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong());
    }
    let Some(Host::Domain(host)) = url.host() else { return Err(wrong()) };
    let is_local = host == "localhost" || host.ends_with(".localhost");
    match url.scheme() {
        "https" => {}
        "http" if is_local => {}
        "http" => return Err(RelyingPartyError::Insecure(text.to_owned())),
        _ => return Err(wrong()),
    }
    if host == id || host.strip_suffix(id).is_some_and(|sub| sub.ends_with('.')) {
        return Ok(origin);
    }
    Err(RelyingPartyError::Foreign { origin: text.to_owned(), id: id.to_owned() })
}
