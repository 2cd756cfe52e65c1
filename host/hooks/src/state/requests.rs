//! What `http` knows of one call.

/// What a call has sent, and whether the operator knows that it wanted more.
#[derive(Default)]
pub(crate) struct Requests {
    made: u64,
    is_said: bool,
}

impl Requests {
    /// Counts one more, and answers how many it makes.
    pub(crate) const fn count_one(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// Whether the log has no breach of this call yet: one line for each call, however often it goes on.
    pub(crate) const fn is_first_breach(&mut self) -> bool {
        !std::mem::replace(&mut self.is_said, true)
    }
}
