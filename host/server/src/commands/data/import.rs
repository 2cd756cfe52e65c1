//! `hookgate import`

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use hookgate_core::services::operator::{ImportOptions, ImportReport, Importer, UserRecord};
use hookgate_store::FastAuthDatabase;

use super::PAGE;
use crate::commands::CommandError;
use crate::commands::operator::{self, Desk, Facts, IfMissing, Place, printable};

/// The arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    place: Place,
    /// The file that `export` wrote, or `-` for standard input
    #[arg(required_unless_present = "fastauth")]
    file: Option<PathBuf>,
    /// Read users and roles from FastAuth's SQLite database instead
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    fastauth: Option<PathBuf>,
    /// Change users whose address exists, instead of leaving them as they are
    #[arg(long)]
    update: bool,
    /// Check everything and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Takes over users. What is wrong with single ones does not stop the others.
pub(crate) fn import(args: ImportArgs) -> Result<(), CommandError> {
    let ImportArgs { place, file, fastauth, update, dry_run } = args;
    operator::run(async move {
        // Opened first, so that a mistyped name makes no database.
        let source = Source::open(file, fastauth)?;
        let if_missing = if dry_run { IfMissing::Imagine } else { IfMissing::Make };
        let desk = Desk::open(&place, if_missing).await?;
        let mut importer = desk.operator.import(ImportOptions { update, dry_run }).await?;
        match source {
            Source::Lines(lines) => read_lines(lines, &mut importer).await?,
            Source::FastAuth(database) => read_fastauth(&database, &mut importer).await?,
        }
        let report = importer.finish().await?;
        for refusal in &report.refused {
            desk.remark(&printable(&format!("{}: {}", refusal.place, refusal.reason)));
        }
        desk.answer(&report, || summary(&report, dry_run))?;
        match report.refused.len() {
            0 => Ok(()),
            1 => Err(CommandError::Refused("1 record was not imported".to_owned())),
            count => Err(CommandError::Refused(format!("{count} records were not imported"))),
        }
    })
}

enum Source {
    Lines(Box<dyn BufRead>),
    FastAuth(FastAuthDatabase),
}

impl Source {
    fn open(file: Option<PathBuf>, fastauth: Option<PathBuf>) -> Result<Self, CommandError> {
        match (file, fastauth) {
            (_, Some(path)) => Ok(Self::FastAuth(FastAuthDatabase::open(&path)?)),
            (Some(file), None) if file != Path::new("-") => match File::open(&file) {
                Ok(open) => Ok(Self::Lines(Box::new(BufReader::new(open)))),
                Err(error) => Err(CommandError::Refused(format!("{}: {error}", file.display()))),
            },
            _ => Ok(Self::Lines(Box::new(io::stdin().lock()))),
        }
    }
}

async fn read_lines(mut lines: impl BufRead, importer: &mut Importer<'_>) -> Result<(), CommandError> {
    let mut line = Vec::new();
    let mut number = 0_usize;
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let place = format!("line {number}");
        match serde_json::from_slice::<UserRecord>(&line) {
            Ok(record) => importer.add(place, record).await?,
            Err(error) => importer.refuse(place, without_position(&error)),
        }
    }
}

/// serde's "at line 1 column 5" counts within the line, which misleads.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => format!("{} (column {})", &text[..at], error.column()),
        None => text,
    }
}

async fn read_fastauth(database: &FastAuthDatabase, importer: &mut Importer<'_>) -> Result<(), CommandError> {
    for role in database.roles()? {
        importer.add_role(role).await?;
    }
    let mut after = String::new();
    loop {
        let users = database.users(&after, PAGE)?;
        let Some(last) = users.last().and_then(|user| user.id.clone()) else { return Ok(()) };
        after = last;
        for user in users {
            let place = format!("user {}", user.id.as_deref().unwrap_or_default());
            importer.add(place, user).await?;
        }
    }
}

fn summary(report: &ImportReport, dry_run: bool) -> String {
    let mut facts = Facts::default();
    facts.add("created", &report.created.to_string());
    facts.add("updated", &report.updated.to_string());
    facts.add("skipped", &report.skipped.to_string());
    facts.add("refused", &report.refused.len().to_string());
    if !report.roles.is_empty() {
        facts.add("new roles", &report.roles.join(", "));
    }
    let heading = if dry_run { "A dry run: nothing was changed.\n" } else { "" };
    format!("{heading}{}", facts.render())
}
