//! Argon2 over PHC strings, with memory that is kept between passwords.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::random;

use super::cost::{Argon2Settings, HasherError};
use super::foreign::ForeignHash;

/// The most memory that a stored hash may ask for: 4 GiB. An imported hash must not end the process.
const MAX_MEMORY_KIB: u32 = 4 << 20;

/// A hashing thread's scratch memory. Getting 64 MiB anew from the system for each password costs more
/// than a tenth of the hash itself.
#[derive(Default)]
pub(super) struct Scratch(Vec<Block>);

impl Scratch {
    fn blocks(&mut self, params: &Params) -> &mut [Block] {
        let count = params.block_count();
        if self.0.len() < count {
            *self = Self(Vec::with_capacity(count));
            self.advise(true);
            self.0.resize(count, Block::default());
        }
        &mut self.0[..count]
    }

    /// Asks the kernel for huge pages, or not to give any more: argon2 jumps about in its memory, and finds its way
    /// in small ones more slowly.
    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "a system call that takes an address")]
    fn advise(&self, is_huge: bool) {
        use rustix::mm::Advice;

        /// The smallest there are; less memory than one is not worth asking for.
        const HUGE: usize = 2 << 20;
        let begin = self.0.as_ptr().addr();
        let end = (begin + self.0.capacity() * size_of::<Block>()) & !(HUGE - 1);
        let begin = begin.next_multiple_of(HUGE);
        let Some(len) = end.checked_sub(begin).filter(|len| *len > 0) else { return };
        let begin = std::ptr::without_provenance_mut(begin);
        let advice = if is_huge { Advice::LinuxHugepage } else { Advice::LinuxNoHugepage };
        // SAFETY: the range lies within the vector's own memory, and the advice changes nothing in it.
        if let Err(error) = unsafe { rustix::mm::madvise(begin, len, advice) } {
            tracing::debug!(%error, "password hashing goes without huge pages");
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn advise(&self, _is_huge: bool) {}
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What the allocator puts there next is small.
        self.advise(false);
    }
}

/// Hashes a password with a new salt: an argon2id PHC string like FastAuth's.
pub(super) fn hash(
    settings: Argon2Settings,
    password: &str,
    scratch: &mut Scratch,
) -> Result<String, HasherError> {
    let params = settings.params()?;
    let salt_bytes: [u8; 16] = random();
    let mut digest = [0u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
        .hash_password_into_with_memory(
            password.as_bytes(),
            &salt_bytes,
            &mut digest,
            scratch.blocks(&params),
        )
        .map_err(failed)?;
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(failed)?,
        salt: Some(Salt::new(&salt_bytes).map_err(failed)?),
        hash: Some(Output::new(&digest).map_err(failed)?),
    };
    Ok(phc.to_string())
}

/// Whether a stored hash is one that sign-in can verify: a PHC string of argon2, scrypt or PBKDF2, or a
/// bcrypt hash, that costs no more than is bearable.
///
/// # Errors
/// What is wrong with it.
pub fn check_stored(stored: &str) -> Result<(), HasherError> {
    if ForeignHash::parse(stored)?.is_none() {
        Argon2Hash::parse(stored)?;
    }
    Ok(())
}

/// Whether a password belongs to a stored hash of any kind and parameters.
pub(super) fn verify(stored: &str, password: &str, scratch: &mut Scratch) -> Result<bool, HasherError> {
    match ForeignHash::parse(stored)? {
        Some(foreign) => foreign.verify(password),
        None => Argon2Hash::parse(stored)?.verify(password, scratch),
    }
}

/// A PHC string of argon2 of any kind.
struct Argon2Hash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    expected: Output,
}

impl Argon2Hash {
    fn parse(stored: &str) -> Result<Self, HasherError> {
        let parsed = PasswordHash::new(stored).map_err(failed)?;
        let algorithm = Algorithm::try_from(parsed.algorithm.as_str()).map_err(failed)?;
        let version = parsed.version.map_or(Ok(Version::V0x13), Version::try_from).map_err(failed)?;
        let params = Params::try_from(&parsed).map_err(failed)?;
        if params.m_cost() > MAX_MEMORY_KIB {
            let wanted = params.m_cost();
            return Err(HasherError::Failed(format!("a stored hash wants {wanted} KiB of memory")));
        }
        let (Some(salt), Some(expected)) = (parsed.salt, parsed.hash) else {
            return Err(HasherError::Failed("a stored hash without salt or digest".to_owned()));
        };
        Ok(Self { algorithm, version, params, salt, expected })
    }

    fn verify(&self, password: &str, scratch: &mut Scratch) -> Result<bool, HasherError> {
        let mut digest = vec![0u8; self.expected.len()];
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(
                password.as_bytes(),
                self.salt.as_ref(),
                &mut digest,
                scratch.blocks(&self.params),
            )
            .map_err(failed)?;
        // `Output` compares in constant time.
        Ok(Output::new(&digest).map_err(failed)? == self.expected)
    }
}

/// Whether a stored hash was made with other parameters than those in force.
pub(super) fn is_outdated(settings: Argon2Settings, phc: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(phc) else { return true };
    let Ok(params) = Params::try_from(&parsed) else { return true };
    parsed.algorithm != Algorithm::Argon2id.ident()
        || (params.m_cost(), params.t_cost(), params.p_cost())
            != (settings.memory_kib, settings.iterations, settings.parallelism)
}

fn failed(error: impl std::fmt::Display) -> HasherError {
    HasherError::Failed(format!("argon2: {error}"))
}
