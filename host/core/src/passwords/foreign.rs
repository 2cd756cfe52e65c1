//! Hashes that other systems made: bcrypt, scrypt and PBKDF2. They are verified, never made; the next
//! sign-in replaces them by argon2id.

use argon2::password_hash::phc::{Output, PasswordHash};
use sha2::{Sha256, Sha512};

use super::cost::HasherError;

/// The most that a stored hash may cost. An imported hash must neither end the process nor occupy a
/// core for minutes.
const MAX_BCRYPT_COST: u32 = 16;
const MAX_SCRYPT_LOG_N: u32 = 20;
const MAX_SCRYPT_BLOCK: u32 = 32;
const MAX_SCRYPT_PARALLELISM: u32 = 16;
const MAX_SCRYPT_BYTES: u64 = 1 << 30;
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// A hash that was read and found to be within bounds.
pub(super) enum ForeignHash {
    Bcrypt(String),
    Scrypt { params: scrypt::Params, salt: Vec<u8>, expected: Output },
    Pbkdf2 { digest: Pbkdf2Digest, rounds: u32, salt: Vec<u8>, expected: Output },
}

#[derive(Clone, Copy)]
pub(super) enum Pbkdf2Digest {
    Sha256,
    Sha512,
}

impl ForeignHash {
    /// Reads a hash; none if it is of none of these kinds.
    pub(super) fn parse(stored: &str) -> Result<Option<Self>, HasherError> {
        match stored.split('$').nth(1) {
            Some("2a" | "2b" | "2x" | "2y") => bcrypt(stored).map(Some),
            Some("scrypt") => scrypt(stored).map(Some),
            Some("pbkdf2-sha256") => pbkdf2(stored, Pbkdf2Digest::Sha256).map(Some),
            Some("pbkdf2-sha512") => pbkdf2(stored, Pbkdf2Digest::Sha512).map(Some),
            _ => Ok(None),
        }
    }

    pub(super) fn verify(&self, password: &str) -> Result<bool, HasherError> {
        let password = password.as_bytes();
        match self {
            Self::Bcrypt(stored) => bcrypt::verify(password, stored).map_err(|e| failed("bcrypt", e)),
            Self::Scrypt { params, salt, expected } => {
                let mut digest = vec![0u8; expected.len()];
                scrypt::scrypt(password, salt, params, &mut digest).map_err(|e| failed("scrypt", e))?;
                matches(&digest, expected)
            }
            Self::Pbkdf2 { digest: kind, rounds, salt, expected } => {
                let mut digest = vec![0u8; expected.len()];
                match kind {
                    Pbkdf2Digest::Sha256 => {
                        pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, *rounds, &mut digest);
                    }
                    Pbkdf2Digest::Sha512 => {
                        pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, *rounds, &mut digest);
                    }
                }
                matches(&digest, expected)
            }
        }
    }
}

fn bcrypt(stored: &str) -> Result<ForeignHash, HasherError> {
    let parts: bcrypt::HashParts = stored.parse().map_err(|e| failed("bcrypt", e))?;
    if !(4..=MAX_BCRYPT_COST).contains(&parts.get_cost()) {
        return Err(failed(
            "bcrypt",
            format!("cost {} is not from 4 to {MAX_BCRYPT_COST}", parts.get_cost()),
        ));
    }
    Ok(ForeignHash::Bcrypt(stored.to_owned()))
}

fn scrypt(stored: &str) -> Result<ForeignHash, HasherError> {
    let (parsed, salt, expected) = phc("scrypt", stored)?;
    let number = |name: &'static str, most: u32| {
        parsed
            .params
            .get_decimal(name)
            .filter(|value| (1..=most).contains(value))
            .ok_or_else(|| failed("scrypt", format!("`{name}` is missing or not from 1 to {most}")))
    };
    let log_n = number("ln", MAX_SCRYPT_LOG_N)?;
    let r = number("r", MAX_SCRYPT_BLOCK)?;
    let p = number("p", MAX_SCRYPT_PARALLELISM)?;
    if (128 * u64::from(r)) << log_n > MAX_SCRYPT_BYTES {
        return Err(failed("scrypt", "wants more than 1 GiB of memory"));
    }
    let log_n = u8::try_from(log_n).map_err(|e| failed("scrypt", e))?;
    let params = scrypt::Params::new(log_n, r, p).map_err(|e| failed("scrypt", e))?;
    Ok(ForeignHash::Scrypt { params, salt, expected })
}

fn pbkdf2(stored: &str, digest: Pbkdf2Digest) -> Result<ForeignHash, HasherError> {
    let (parsed, salt, expected) = phc("pbkdf2", &passlib_to_phc(stored))?;
    let rounds = parsed.params.get_decimal("i").filter(|rounds| (1..=MAX_PBKDF2_ROUNDS).contains(rounds));
    let rounds = rounds.ok_or_else(|| {
        failed("pbkdf2", format!("the rounds (`i`) are missing or not from 1 to {MAX_PBKDF2_ROUNDS}"))
    })?;
    Ok(ForeignHash::Pbkdf2 { digest, rounds, salt, expected })
}

/// passlib writes `$pbkdf2-sha256$29000$salt$digest` with `.` for `+`; anything else is given back.
fn passlib_to_phc(stored: &str) -> String {
    match stored.split('$').collect::<Vec<_>>()[..] {
        ["", kind, rounds, salt, digest] if rounds.bytes().all(|b| b.is_ascii_digit()) => {
            format!("${kind}$i={rounds}${}${}", salt.replace('.', "+"), digest.replace('.', "+"))
        }
        _ => stored.to_owned(),
    }
}

fn phc(kind: &str, stored: &str) -> Result<(PasswordHash, Vec<u8>, Output), HasherError> {
    let parsed = PasswordHash::new(stored).map_err(|e| failed(kind, e))?;
    let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
        return Err(failed(kind, "no salt or no digest"));
    };
    let salt: &[u8] = salt.as_ref();
    let salt = salt.to_vec();
    Ok((parsed, salt, expected))
}

/// `Output` compares in constant time.
fn matches(digest: &[u8], expected: &Output) -> Result<bool, HasherError> {
    Ok(Output::new(digest).map_err(|e| failed("digest", e))? == *expected)
}

fn failed(kind: &str, error: impl std::fmt::Display) -> HasherError {
    HasherError::Failed(format!("{kind}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "correct horse battery";

    /// Written by glibc's `crypt` and by Python's `hashlib`.
    const HASHES: &[&str] = &[
        "$2b$04$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS",
        "$scrypt$ln=4,r=8,p=1$c2FsdHNhbHRzYWx0c2H7/w$OOre8lw25NSX5xbsQtu1t6dHR2heMFAKu+Qtw9IveYQ",
        "$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHRzYWx0c2H7/w$o35LkKNr48OtspSdWa46WlDPR/XzDN6MK9Sm1HJr5Cc",
        "$pbkdf2-sha512$i=1000$c2FsdHNhbHRzYWx0c2H7/w$QRUa5LG+jVY1wcm5YIPbOP+iMYvjOsF0frCFoxaRccoCl4UFWWmzaN3fro1Q6sLpJd+NEDTyURHytTVESjLZ+g",
        "$pbkdf2-sha256$29000$c2FsdHNhbHRzYWx0c2H7/w$lxV6LETQkiByaQjid8ysQVPxd/TwJNQO4SsRlTtQe5Y",
    ];

    fn verify(stored: &str, password: &str) -> Result<bool, HasherError> {
        ForeignHash::parse(stored)?.expect("one of these kinds").verify(password)
    }

    #[test]
    fn hashes_of_other_systems_verify_their_own_password_only() {
        for stored in HASHES {
            assert_eq!(verify(stored, PASSWORD), Ok(true), "{stored}");
            assert_eq!(verify(stored, "correct horse batterx"), Ok(false), "{stored}");
        }
    }

    #[test]
    fn what_would_cost_too_much_or_is_damaged_is_refused() {
        let tail = "c2FsdHNhbHRzYWx0c2FsdA$ZGlnZXN0ZGlnZXN0ZGlnZXN0";
        let cases = [
            "$2b$31$abcdefghijklmnopqrstuuqREtd3VJD2QVZbuFskFSLk6eRIrQoOS".to_owned(),
            "$2b$04$abc".to_owned(),
            format!("$scrypt$ln=30,r=8,p=1${tail}"),
            format!("$scrypt$ln=20,r=32,p=1${tail}"),
            format!("$scrypt$ln=4,r=4294967295,p=4294967295${tail}"),
            format!("$scrypt$ln=4${tail}"),
            "$scrypt$ln=4,r=8,p=1".to_owned(),
            format!("$pbkdf2-sha256$i=4000000000${tail}"),
            format!("$pbkdf2-sha256$i=0${tail}"),
            format!("$pbkdf2-sha256${tail}"),
        ];
        for stored in cases {
            assert!(matches!(ForeignHash::parse(&stored), Err(HasherError::Failed(_))), "{stored}");
        }
        assert!(matches!(ForeignHash::parse("plain"), Ok(None)));
        assert!(matches!(ForeignHash::parse(""), Ok(None)));
    }
}
