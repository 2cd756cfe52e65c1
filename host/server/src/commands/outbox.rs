//! `hookgate outbox …`: what was given up, and giving it another chance.

use clap::{Args, Subcommand};
use hookgate_core::adapters::DeadDelivery;
use hookgate_core::clock::Timestamp;
use hookgate_core::event::Parcel;
use serde_json::{Value, json};

use super::CommandError;
use super::operator::{self, Desk, Facts, IfMissing, Place, Table, date};

/// The arguments of `outbox`.
#[derive(Debug, Args)]
pub(crate) struct OutboxArgs {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: OutboxCommand,
}

#[derive(Debug, Subcommand)]
enum OutboxCommand {
    /// How many deliveries wait, since when, and how many were given up.
    Status,
    /// List the deliveries that were given up, in the order of writing.
    Dead {
        /// Begin after this delivery
        #[arg(long, default_value_t = 0)]
        after: i64,
        /// At most so many
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=10_000))]
        limit: u16,
    },
    /// Have deliveries tried anew that were given up. A running server takes them within seconds.
    Redeliver(Redeliver),
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Redeliver {
    /// The deliveries, by the numbers that `outbox dead` shows
    #[arg(value_name = "DELIVERY")]
    ids: Vec<i64>,
    /// All of them
    #[arg(long)]
    all: bool,
}

/// Does what was said.
pub(crate) fn outbox(args: OutboxArgs) -> Result<(), CommandError> {
    let OutboxArgs { place, command } = args;
    operator::run(async {
        let desk = Desk::open(&place, IfMissing::Refuse).await?;
        match command {
            OutboxCommand::Status => status(&desk).await,
            OutboxCommand::Dead { after, limit } => dead(&desk, after, limit.into()).await,
            OutboxCommand::Redeliver(Redeliver { ids, all }) => {
                let count = match all {
                    true => desk.operator.redeliver_all().await?,
                    false => desk.operator.redeliver(&ids).await?,
                };
                desk.answer(&json!({ "redelivered": count }), || match count {
                    1 => "1 delivery is tried anew".to_owned(),
                    count => format!("{count} deliveries are tried anew"),
                })
            }
        }
    })
}

async fn status(desk: &Desk) -> Result<(), CommandError> {
    let stats = desk.operator.outbox_stats().await?;
    let value = json!({
        "pending": stats.pending, "dead": stats.dead, "oldest_pending_ms": stats.oldest_pending_ms,
    });
    desk.answer(&value, || {
        let since = stats.oldest_pending_ms.map(|at| date(Timestamp(at.div_euclid(1000))));
        let mut facts = Facts::default();
        facts.add("waiting", &stats.pending.to_string());
        facts.add("since", since.as_deref().unwrap_or("–"));
        facts.add("given up", &stats.dead.to_string());
        facts.render()
    })
}

async fn dead(desk: &Desk, after: i64, limit: usize) -> Result<(), CommandError> {
    let dead = desk.operator.dead_deliveries(after, limit).await?;
    desk.answer(&dead.iter().map(as_json).collect::<Vec<_>>(), || as_table(&dead))
}

/// What it is, for whom, about whom. Nothing of a letter, whose link is a secret.
fn parts(dead: &DeadDelivery) -> [String; 3] {
    match &dead.delivery.parcel {
        Parcel::Event { plugin, event } => {
            [event.hook.to_string(), plugin.clone(), event.user.id.to_string()]
        }
        Parcel::Letter(_) => ["letter".to_owned(), "mail".to_owned(), String::new()],
    }
}

fn as_json(dead: &DeadDelivery) -> Value {
    let [what, recipient, user_id] = parts(dead);
    json!({
        "id": dead.delivery.id, "what": what, "recipient": recipient, "user_id": user_id,
        "attempts": dead.delivery.attempts, "error": dead.error, "created_ms": dead.created_ms,
    })
}

fn as_table(dead: &[DeadDelivery]) -> String {
    let mut table = Table::new(["DELIVERY", "WRITTEN", "WHAT", "TO", "USER", "ERROR"]);
    for dead in dead {
        let [what, recipient, user] = parts(dead);
        let written = date(Timestamp(dead.created_ms.div_euclid(1000)));
        table.row([dead.delivery.id.to_string(), written, what, recipient, user, dead.error.clone()]);
    }
    table.render()
}
