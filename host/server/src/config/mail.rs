//! `[email]`: which transport, with everything that it needs and nothing that it does not.

use std::path::PathBuf;

use hookgate_outbound::mail::{MailSettings, SmtpSettings, SmtpTls, TransportSettings, WebhookSettings};

use super::error::ConfigError;
use super::values::Values;

/// None for a server without mail.
pub(super) fn mail(values: &Values) -> Result<Option<MailSettings>, ConfigError> {
    let kind = values.text("email.transport").unwrap_or_default();
    let transport = match kind.as_str() {
        "console" => TransportSettings::Console,
        "file" => TransportSettings::File(needed(values, &kind, "email.file_dir")?.into()),
        "webhook" => TransportSettings::Webhook(WebhookSettings {
            url: needed(values, &kind, "email.webhook_url")?,
            headers: values.pairs("email.webhook_headers")?,
        }),
        "smtp" => TransportSettings::Smtp(smtp(values, &kind)?),
        _ if values.bool("security.register_reveals_existing") == Some(false) => {
            return Err(ConfigError::Invalid(
                "`security.register_reveals_existing = false` needs an `email.transport`: nobody signs in before a mailed link was followed".to_owned(),
            ));
        }
        _ => return Ok(None),
    };
    let template_dir = values.text("email_template_dir").map(PathBuf::from);
    Ok(Some(MailSettings { template_dir, transport }))
}

fn smtp(values: &Values, kind: &str) -> Result<SmtpSettings, ConfigError> {
    Ok(SmtpSettings {
        host: needed(values, kind, "email.smtp_host")?,
        port: values.int("email.smtp_port"),
        tls: match values.text("email.smtp_tls").as_deref() {
            Some("starttls") => SmtpTls::StartTls,
            Some("none") => SmtpTls::None,
            _ => SmtpTls::Implicit,
        },
        credentials: credentials(values)?,
        from: needed(values, kind, "email.from_email")?,
    })
}

fn credentials(values: &Values) -> Result<Option<(String, String)>, ConfigError> {
    let invalid = |text: &str| Err(ConfigError::Invalid(text.to_owned()));
    let user = values.text("email.smtp_user");
    let password = values.secret("email.smtp_password")?;
    match (user, password) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some((user, password))),
        (Some(_), None) => invalid(
            "`email.smtp_user` is set, but neither `email.smtp_password` nor `email.smtp_password_file`",
        ),
        (None, Some(_)) => invalid("a password for the mail server is set, but no `email.smtp_user`"),
    }
}

fn needed(values: &Values, kind: &str, name: &str) -> Result<String, ConfigError> {
    values.text(name).filter(|text| !text.is_empty()).ok_or_else(|| {
        ConfigError::Invalid(format!("`email.transport = \"{kind}\"` needs `{name}`, which is not set"))
    })
}
