//! How this program compiles plugins: by starting itself as a compiler, which it can kill.

use std::io;

use hookgate_hooks::{CodeCache, Compilation, Compiler, CompilerCommand};

/// The subcommand that is a compiler; hidden, since it is of no use to people.
const SUBCOMMAND: &str = "compile-plugin";

/// The child's allocator reserves a gigabyte at once, which would be most of what the child may have:
/// in KiB, as mimalloc wants it.
const ARENA: (&str, &str) = ("MIMALLOC_ARENA_RESERVE", "65536");

/// How much lower than a server's the child's priority is: requests go first. Not lower than that of the hashing of
/// passwords, or a busy machine would never come to compile anything.
const NICENESS: u8 = 10;

/// Compiles in a child process that gives way to this one, and keeps the results where the caller says.
pub(crate) fn for_serving(cache: Option<CodeCache>) -> io::Result<Compilation> {
    compilation(cache, NICENESS)
}

/// The same for a person who waits.
pub(crate) fn for_tools(cache: Option<CodeCache>) -> io::Result<Compilation> {
    compilation(cache, 0)
}

fn compilation(cache: Option<CodeCache>, niceness: u8) -> io::Result<Compilation> {
    let mut command = CompilerCommand::this_program(&[SUBCOMMAND])?;
    command.niceness = niceness;
    command.environment.push((ARENA.0.to_owned(), ARENA.1.to_owned()));
    Ok(Compilation { compiler: Compiler::Child(command), cache })
}
