//! The parent's side of a compiler in a process of its own.

use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::job::{DONE, Job, REFUSED};
use super::{CompileError, CompileLimits, CompilerCommand};
use crate::text::one_line;

/// Machine code is a few times the size of its component; nobody needs more than this.
const MAX_OUTPUT: u64 = 1 << 30;
const MAX_COMPLAINT: u64 = 16 << 10;

/// Runs one job. Dropping the future kills the child, and so does the end of this process.
pub(super) async fn run(
    command: &CompilerCommand,
    job: Job,
    limits: CompileLimits,
    bytes: &[u8],
) -> Result<Vec<u8>, CompileError> {
    let mut child = Command::new(&command.program)
        .args(&command.arguments)
        .env_clear()
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| CompileError::Host(format!("the compiler does not start: {error}")))?;
    let job = Job { length: bytes.len(), niceness: command.niceness, ..job };
    match tokio::time::timeout(limits.time, talk(&mut child, &job, bytes)).await {
        Ok(Ok((status, output, complaint))) => outcome(status, output, &complaint),
        Ok(Err(error)) => Err(CompileError::Host(format!("the compiler can't be talked to: {error}"))),
        Err(_) => {
            // Waits for it, so that no zombie stays.
            if let Err(error) = child.kill().await {
                tracing::warn!(%error, "a compiler that takes too long can't be killed");
            }
            Err(CompileError::Time)
        }
    }
}

async fn talk(child: &mut Child, job: &Job, bytes: &[u8]) -> std::io::Result<(ExitStatus, Vec<u8>, String)> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(std::io::Error::other("it has no pipes"));
    };
    let mut line = serde_json::to_vec(job)?;
    line.push(b'\n');
    let say = async {
        // One that has died already has more to say than "broken pipe"; its status tells.
        let said = async {
            stdin.write_all(&line).await?;
            stdin.write_all(bytes).await?;
            stdin.flush().await
        };
        if let Err(error) = said.await {
            tracing::debug!(%error, "the compiler did not read its job to the end");
        }
    };
    let ((), output, complaint) = tokio::join!(say, read(stdout, MAX_OUTPUT), read(stderr, MAX_COMPLAINT));
    // Open until now: the child takes the end of its input for the end of its parent.
    drop(stdin);
    let status = child.wait().await?;
    Ok((status, output?, String::from_utf8_lossy(&complaint?).into_owned()))
}

async fn read(stream: impl AsyncRead + Unpin, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut stream = stream.take(most);
    stream.read_to_end(&mut bytes).await?;
    // A full pipe would hold up the child for ever.
    tokio::io::copy(&mut stream.into_inner(), &mut tokio::io::sink()).await?;
    Ok(bytes)
}

fn outcome(status: ExitStatus, mut output: Vec<u8>, complaint: &str) -> Result<Vec<u8>, CompileError> {
    let is_whole = status.success() && (output.len() as u64) < MAX_OUTPUT;
    match output.pop() {
        Some(DONE) if is_whole => Ok(output),
        Some(REFUSED) if is_whole => {
            Err(CompileError::Refused(String::from_utf8_lossy(&output).into_owned()))
        }
        _ => Err(death(status, complaint)),
    }
}

/// Why it ended without an answer.
fn death(status: ExitStatus, complaint: &str) -> CompileError {
    // What Rust's allocator, its threads and wasmtime say when there is no more.
    const NO_MEMORY: [&str; 4] =
        ["memory allocation of", "out of memory", "Cannot allocate memory", "failed to spawn thread"];
    if NO_MEMORY.iter().any(|words| complaint.contains(words)) {
        return CompileError::Memory;
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        const SIGXCPU: i32 = 24;
        if signal == SIGXCPU {
            return CompileError::Time;
        }
    }
    let last = complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    CompileError::Host(format!("the compiler crashed ({status}): {}", one_line(last, 200)))
}
