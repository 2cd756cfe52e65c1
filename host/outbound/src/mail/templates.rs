//! Letters written out: Jinja templates, the built-in ones or the operator's.
//!
//! Each kind of letter has an HTML template, `NAME.jinja2` (FastAuth's names), and a text template,
//! `NAME.txt.jinja2`. A folder of the operator may replace any of them, and hold others to include or
//! extend. Where it replaces the HTML and has no text, the text part is made from the HTML: the built-in text
//! would say something else. Everything is checked at start by writing every kind of letter once.

use std::path::{Path, PathBuf};

use hookgate_core::adapters::{EmailMessage, TransportError};
use hookgate_core::letter::{Letter, LetterKind};
use minijinja::value::Value;
use minijinja::{
    AutoEscape, Environment, Error, Output, State, UndefinedBehavior, context, escape_formatter,
};

use super::permanent;
use super::settings::MailSetupError;
use crate::chain;

const ENDING: &str = ".jinja2";
const TEXT_ENDING: &str = ".txt.jinja2";

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("templates/", $name)))),*]
    };
}

const BUILT_IN: [(&str, &str); 13] = built_in![
    "layout.jinja2",
    "verification.jinja2",
    "verification.txt.jinja2",
    "password_reset.jinja2",
    "password_reset.txt.jinja2",
    "email_change.jinja2",
    "email_change.txt.jinja2",
    "email_changed.jinja2",
    "email_changed.txt.jinja2",
    "magic_link_login.jinja2",
    "magic_link_login.txt.jinja2",
    "account_exists.jinja2",
    "account_exists.txt.jinja2",
];

/// The templates of all letters.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The built-in templates, and those of a folder in their place.
    ///
    /// # Errors
    /// The folder can't be read, or one of its templates does not work.
    pub fn load(folder: Option<&Path>) -> Result<Self, MailSetupError> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|name| {
            if name.ends_with(TEXT_ENDING) { AutoEscape::None } else { AutoEscape::Html }
        });
        // A mistyped variable is found at start, and not by a user whose mail has a hole.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_formatter(format_value);
        environment.add_filter("minutes", in_words);
        for (name, source) in BUILT_IN {
            environment.add_template(name, source).map_err(|error| complaint(None, &error))?;
        }
        if let Some(folder) = folder {
            for (name, source) in read(folder)? {
                let is_html = !name.ends_with(TEXT_ENDING);
                if is_html && let Some(stem) = name.strip_suffix(ENDING) {
                    let text = format!("{stem}{TEXT_ENDING}");
                    if !folder.join(&text).exists() {
                        environment.remove_template(&text);
                    }
                }
                environment
                    .add_template_owned(name, source)
                    .map_err(|error| complaint(Some(folder), &error))?;
            }
        }
        let templates = Self { environment };
        for kind in LetterKind::ALL {
            templates.render(&sample(kind)).map_err(|error| complaint(folder, &error))?;
        }
        Ok(templates)
    }

    /// Writes a letter.
    pub(super) fn write(&self, letter: &Letter) -> Result<EmailMessage, TransportError> {
        self.render(letter).map_err(|error| permanent(complaint(None, &error).to_string()))
    }

    fn render(&self, letter: &Letter) -> Result<EmailMessage, Error> {
        let stem = letter.kind.template();
        let html = self.environment.get_template(&format!("{stem}{ENDING}"))?;
        let text = self.environment.get_template(&format!("{stem}{TEXT_ENDING}")).ok();
        // What a letter does not have is undefined, so that a template that prints it is found at start.
        let given = |value: Option<Value>| value.unwrap_or(Value::UNDEFINED);
        let values = context! {
            name => shown_name(letter),
            url => given(letter.url.as_deref().map(Value::from)),
            expires_in_minutes => given(letter.expires_in_minutes.map(Value::from)),
            new_email => given(letter.new_email.as_deref().map(Value::from)),
        };
        let body_html = html.render(values.clone())?;
        let body_text = match text {
            Some(text) => text.render(values)?,
            None => said_in_text(&body_html),
        };
        Ok(EmailMessage {
            to: letter.to.clone(),
            subject: letter.kind.subject().to_owned(),
            body_html,
            body_text: Some(body_text).filter(|text| !text.trim().is_empty()),
        })
    }
}

/// The words of HTML, with the addresses of its links, in lines as templates have them.
fn said_in_text(html: &str) -> String {
    nanohtml2text::html2text(html).replace("\r\n", "\n").trim().to_owned()
}

/// The templates of a folder: names and sources.
fn read(folder: &Path) -> Result<Vec<(String, String)>, MailSetupError> {
    let unreadable = |source| MailSetupError::TemplateFolder { path: folder.to_owned(), source };
    let mut templates = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if name.starts_with('.') || !name.ends_with(ENDING) {
            continue;
        }
        let source = std::fs::read_to_string(&path).map_err(|error| MailSetupError::Template {
            path: path.clone(),
            line: None,
            reason: error.to_string(),
        })?;
        templates.push((name.to_owned(), source));
    }
    templates.sort();
    Ok(templates)
}

/// What is wrong, and in which file.
fn complaint(folder: Option<&Path>, error: &Error) -> MailSetupError {
    // The cause is nearest to the mistake: the outer error is where a template was included.
    let mut innermost = error;
    while let Some(cause) =
        std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>())
    {
        innermost = cause;
    }
    let name = innermost.name().or_else(|| error.name()).unwrap_or_default();
    let path = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
    let detail = innermost.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    MailSetupError::Template {
        path: path.unwrap_or_else(|| PathBuf::from(name)),
        line: innermost.line(),
        reason: match innermost.detail() {
            Some(_) => format!("{}{detail}", innermost.kind()),
            None => chain(error),
        },
    }
}

/// The name that a mail greets. Anybody can ask for a mail to anybody, with a name of their choice, so it
/// is kept to one line without a link.
fn shown_name(letter: &Letter) -> &str {
    let name = letter.name.trim();
    let is_harmless = name.chars().count() <= 80
        && !name.chars().any(char::is_control)
        && !name.contains("://")
        && !name.to_ascii_lowercase().contains("www.");
    if is_harmless { name } else { &letter.to }
}

/// `{{ expires_in_minutes | minutes }}`: a duration as people say it.
fn in_words(minutes: i64) -> String {
    let (number, unit) = match minutes {
        ..1 => return "less than a minute".to_owned(),
        120.. if minutes % 60 == 0 => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// Escapes as FastAuth's Jinja does. The engine's own way turns the slashes of links into entities, which
/// programs that look for links in a mail don't read.
fn format_value(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.as_str() {
        Some(text) if !value.is_safe() && matches!(state.auto_escape(), AutoEscape::Html) => {
            let escaped = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&#34;")
                .replace('\'', "&#39;");
            out.write_str(&escaped).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

/// A letter to try templates with: it has what letters of its kind have.
fn sample(kind: LetterKind) -> Letter {
    let has_link = kind != LetterKind::EmailChanged;
    let has_address = matches!(kind, LetterKind::EmailChange | LetterKind::EmailChanged);
    Letter {
        kind,
        to: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        url: has_link.then(|| "https://example.com/auth/link?token=abc".to_owned()),
        expires_in_minutes: has_link.then_some(30),
        new_email: has_address.then(|| "ada@new.example".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, Result<Templates, MailSetupError>) {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("written");
        }
        let templates = Templates::load(Some(folder.path()));
        (folder, templates)
    }

    #[test]
    fn every_letter_says_what_it_has_to_in_both_parts() {
        let templates = Templates::load(None).expect("built in");
        for kind in LetterKind::ALL {
            let letter = sample(kind);
            let mail = templates.write(&letter).expect("written");
            assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ada@example.com", kind.subject()));
            for part in [&mail.body_html, mail.body_text.as_ref().expect("a text")] {
                assert!(part.contains("Hello Ada,"), "{part}");
                for value in [&letter.url, &letter.new_email].into_iter().flatten() {
                    assert!(part.contains(value.as_str()), "{kind:?} {part}");
                }
                assert_eq!(part.contains("30 minutes"), letter.url.is_some(), "{part}");
            }
        }
    }

    #[test]
    fn html_is_escaped_and_text_is_not() {
        let letter = Letter { name: "<b>\"Ada\" & 'co'".to_owned(), ..sample(LetterKind::Verification) };
        let mail = Templates::load(None).expect("built in").write(&letter).expect("written");
        assert!(
            mail.body_html.contains("Hello &lt;b&gt;&#34;Ada&#34; &amp; &#39;co&#39;,"),
            "{}",
            mail.body_html
        );
        assert!(mail.body_html.contains(r#"href="https://example.com/auth/link?token=abc""#));
        assert!(mail.body_text.expect("a text").contains("Hello <b>\"Ada\" & 'co',"));
    }

    #[test]
    fn names_can_not_carry_links_into_mails() {
        for name in ["see https://evil.example", "WWW.evil.example", "a\r\nb", &"x".repeat(81)] {
            let letter = Letter { name: name.to_owned(), ..sample(LetterKind::Verification) };
            assert_eq!(shown_name(&letter), "ada@example.com", "{name}");
        }
        assert_eq!(
            shown_name(&Letter { name: "Ada Łovelace".to_owned(), ..sample(LetterKind::Verification) }),
            "Ada Łovelace"
        );
    }

    #[test]
    fn lifetimes_are_said_as_people_do() {
        let said = [0, 1, 15, 60, 90, 120, 150, 1440].map(in_words);
        let expected = [
            "less than a minute",
            "1 minute",
            "15 minutes",
            "60 minutes",
            "90 minutes",
            "2 hours",
            "150 minutes",
            "24 hours",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_folder_replaces_what_it_has() {
        let (_folder, templates) = with(&[
            ("verification.jinja2", "{% include \"greeting.jinja2\" %} {{ url }}"),
            ("greeting.jinja2", "Servus {{ name }}"),
            ("password_reset.jinja2", "<p>{{ url }}</p>"),
            ("password_reset.txt.jinja2", "text {{ url }}"),
            ("email_change.txt.jinja2", "only text {{ new_email }}"),
            ("notes.md", "{{ not a template"),
        ]);
        let templates = templates.expect("good");
        let write = |kind| templates.write(&sample(kind)).expect("written");
        let verification = write(LetterKind::Verification);
        assert_eq!(verification.body_html, "Servus Ada https://example.com/auth/link?token=abc");
        assert_eq!(verification.body_text.as_ref(), Some(&verification.body_html), "not the built-in text");
        assert_eq!(
            write(LetterKind::PasswordReset).body_text.as_deref(),
            Some("text https://example.com/auth/link?token=abc")
        );
        let change = write(LetterKind::EmailChange);
        assert_eq!(change.body_text.as_deref(), Some("only text ada@new.example"));
        assert!(change.body_html.contains("<html"), "the built-in one");
        assert!(write(LetterKind::MagicLinkLogin).body_text.is_some());
    }

    #[test]
    fn html_alone_is_said_in_text_too() {
        let html = "<html><head><title>Hi</title><style>p { color: red }</style></head><body>\
                    <p>Servus <b>{{ name }}</b>!</p><!-- not this -->\
                    <p><a href=\"{{ url }}\">Click here</a></p></body></html>";
        let (_folder, templates) =
            with(&[("verification.jinja2", html), ("password_reset.jinja2", "<p> </p>")]);
        let templates = templates.expect("good");
        let url = "https://example.com/auth/verify-email?token=a_b-c&x=1";
        let letter = Letter {
            name: "<i>Ada & 'co'</i>".to_owned(),
            url: Some(url.to_owned()),
            ..sample(LetterKind::Verification)
        };
        let text = templates.write(&letter).expect("written").body_text.expect("a text");
        assert!(text.contains("Servus <i>Ada & 'co'</i>!\n\n"), "{text}");
        assert!(text.ends_with(&format!("\nClick here ({url})")), "{text}");
        for part in ["color", "not this", "<b>", "&amp;", "\r"] {
            assert!(!text.contains(part), "{part}: {text}");
        }
        let empty = templates.write(&sample(LetterKind::PasswordReset)).expect("written");
        assert_eq!(empty.body_text, None, "nothing to say");
    }

    #[test]
    fn a_broken_template_names_file_and_line() {
        let cases: [(&str, &str, &[&str]); 4] = [
            ("verification.jinja2", "fine\n{% if name %}", &["verification.jinja2 line 2", "syntax error"]),
            ("password_reset.jinja2", "\n\n{{ nmae }}", &["password_reset.jinja2 line 3", "undefined"]),
            (
                "magic_link_login.txt.jinja2",
                "{{ new_email }}",
                &["magic_link_login.txt.jinja2 line 1", "undefined"],
            ),
            ("email_change.jinja2", "{% include 'absent.jinja2' %}", &["absent.jinja2"]),
        ];
        for (name, text, parts) in cases {
            let (folder, templates) = with(&[(name, text)]);
            let message = templates.expect_err("broken").to_string();
            for part in parts {
                assert!(message.contains(part), "`{part}` in: {message}");
            }
            assert!(
                name == "email_change.jinja2" || message.contains(&folder.path().display().to_string()),
                "{message}"
            );
        }
        let message = Templates::load(Some(Path::new("no/such/folder"))).expect_err("absent").to_string();
        assert!(message.contains("no/such/folder"), "{message}");
    }
}
