//! What can be wrong with an authenticator's answer.

/// Why an answer was refused. The texts are shown to the client, which knows all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CeremonyError {
    /// `type` of the client data.
    #[error("the answer is to another kind of request")]
    Kind,
    /// `origin` of the client data.
    #[error("the origin is not allowed")]
    Origin,
    /// `crossOrigin` of the client data.
    #[error("the page was embedded in a page of another origin")]
    CrossOrigin,
    /// The hash in the authenticator data.
    #[error("the credential is for another relying party")]
    RelyingParty,
    /// The flag UP.
    #[error("nobody was present")]
    UserPresence,
    /// The flag UV, where it is required.
    #[error("the user was not verified")]
    UserVerification,
    /// The flag BS without BE.
    #[error("the backup flags contradict each other")]
    BackupFlags,
    /// The flag BE is not what it was.
    #[error("the credential can be backed up now and could not before, or the other way round")]
    BackupEligibility,
    /// The authenticator data is too short, too long, or no such thing.
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    /// The attestation object is no such thing.
    #[error("the attestation object is malformed")]
    AttestationObject,
    /// The statement does not fit its format, or its signature is wrong.
    #[error("the attestation statement is wrong")]
    AttestationStatement,
    /// The id beside the answer is not the one in it.
    #[error("the credential id is not the one that was made")]
    CredentialId,
    /// Not a COSE key, or not a point of its curve, or too weak.
    #[error("the public key is malformed")]
    PublicKey,
    /// A public key of an algorithm that was not offered.
    #[error("the public key is of an algorithm that was not offered")]
    Algorithm,
    /// The signature of an assertion.
    #[error("the signature is wrong")]
    Signature,
    /// The counter did not go up, so there may be two of this authenticator.
    #[error("the signature counter went back: the authenticator may have been cloned")]
    SignCount,
    /// The user handle of an assertion.
    #[error("the credential belongs to another user")]
    UserHandle,
}
