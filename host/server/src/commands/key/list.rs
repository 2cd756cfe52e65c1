//! `hookgate key list`

use hookgate_core::clock::Timestamp;
use hookgate_core::services::operator::KeyRecord;
use hookgate_core::tokens::{JwtKey, KeyError, KeyStage, PrivateKey, PublicKey};
use serde_json::{Value, json};

use crate::app::AppError;
use crate::commands::CommandError;
use crate::commands::operator::{Desk, Table, date};
use crate::config::SigningSource;

pub(super) async fn run(desk: &Desk) -> Result<(), CommandError> {
    let mut keys = desk.operator.list_signing_keys().await?;
    match &desk.config().signing {
        SigningSource::Kept => {}
        // What is stored is of an earlier configuration, and does nothing now.
        SigningSource::Secret => keys.clear(),
        SigningSource::Given { key, retired } => {
            keys = given(key, retired).map_err(AppError::from)?;
        }
    }
    let algorithm = desk.config().settings.jwt.algorithm;
    desk.answer(&keys.iter().map(as_json).collect::<Vec<_>>(), || match keys.as_slice() {
        [] if algorithm.is_symmetric() => {
            format!("{algorithm} signs with the secret: there are no key pairs")
        }
        [] => "no keys yet: the server makes one when it starts".to_owned(),
        keys => as_table(keys),
    })
}

/// The keys of the configuration.
fn given(key: &PrivateKey, retired: &[PublicKey]) -> Result<Vec<KeyRecord>, KeyError> {
    let record = |key: &JwtKey, stage| KeyRecord {
        kid: key.kid().unwrap_or_default().to_owned(),
        algorithm: key.algorithm(),
        stage,
        created_at: None,
        signs_from: None,
        kept_until: None,
    };
    let retired = retired.iter().map(|key| Ok(record(&JwtKey::public(key)?, KeyStage::Retired)));
    let signing = [key].into_iter().map(|key| Ok(record(&JwtKey::pair(key)?, KeyStage::Signing)));
    retired.chain(signing).collect()
}

/// A key for scripts.
pub(super) fn as_json(key: &KeyRecord) -> Value {
    json!({
        "kid": key.kid,
        "algorithm": key.algorithm.as_str(),
        "stage": key.stage.as_str(),
        "created_at": key.created_at,
        "signs_from": key.signs_from,
        "kept_until": key.kept_until,
    })
}

fn as_table(keys: &[KeyRecord]) -> String {
    let shown = |at: Option<Timestamp>| at.map(date).unwrap_or_default();
    let mut table = Table::new(["KEY", "ALGORITHM", "STAGE", "CREATED", "SIGNS FROM", "KEPT UNTIL"]);
    for key in keys {
        table.row([
            key.kid.clone(),
            key.algorithm.to_string(),
            key.stage.as_str().to_owned(),
            shown(key.created_at),
            shown(key.signs_from),
            shown(key.kept_until),
        ]);
    }
    table.render()
}
