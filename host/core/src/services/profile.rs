//! Name and picture.

use super::{Caller, Services};
use crate::adapters::Change;
use crate::error::AuthError;
use crate::user::{User, UserPatch};

/// What is to be changed. `None` leaves a field as it is; a field can't be cleared, as in FastAuth.
#[derive(Clone, Debug, Default)]
pub struct UpdateProfile {
    /// A new display name.
    pub name: Option<String>,
    /// A new picture.
    pub image: Option<String>,
}

impl Services {
    /// Changes the caller's profile, and gives the user as it is then.
    ///
    /// # Errors
    /// [`AuthError::NothingToUpdate`].
    pub async fn update_profile(&self, caller: &Caller, input: UpdateProfile) -> Result<User, AuthError> {
        let UpdateProfile { name, image } = input;
        if name.is_none() && image.is_none() {
            return Err(AuthError::NothingToUpdate);
        }
        let now = self.clock.now();
        let mut user = caller.user.clone();
        let patch = UserPatch { name: name.clone(), image: image.clone(), ..UserPatch::default() };
        self.commit(vec![Change::UpdateUser { id: user.id.clone(), patch, now }]).await?;
        user.name = name.or(user.name);
        user.image = image.or(user.image);
        user.updated_at = now;
        Ok(user)
    }
}
