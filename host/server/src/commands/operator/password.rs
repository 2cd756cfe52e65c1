//! Passwords come from standard input or a prompt, never from an argument: those are in the shell's
//! history and in everybody's list of processes.

use std::io::{self, IsTerminal as _, Read as _};

use clap::Args;

use crate::commands::CommandError;

/// More than any policy allows.
const MOST_BYTES: u64 = 64 * 1024;

/// Where a new password comes from; a prompt if nothing is said.
#[derive(Debug, Args)]
pub(crate) struct PasswordSource {
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

impl PasswordSource {
    /// Reads it.
    pub(crate) fn read(&self) -> Result<String, CommandError> {
        if self.password_stdin { from_stdin() } else { from_prompt() }
    }
}

/// All of standard input, without the line end that `echo` adds.
fn from_stdin() -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes)?;
    let mut password = String::from_utf8(bytes)
        .map_err(|_| CommandError::Refused("the password on standard input is not UTF-8".to_owned()))?;
    if password.ends_with('\n') {
        password.pop();
        if password.ends_with('\r') {
            password.pop();
        }
    }
    Ok(password)
}

fn from_prompt() -> Result<String, CommandError> {
    if !io::stdin().is_terminal() {
        return Err(CommandError::Refused(
            "there is no terminal to ask for a password; `--password-stdin` reads it from standard input"
                .to_owned(),
        ));
    }
    let password = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("Once more: ")? != password {
        return Err(CommandError::Refused("the two passwords differ".to_owned()));
    }
    Ok(password)
}
