//! How an answer differs from what a case expects.

use hookgate_core::hooks::Denial;
use serde::Serialize;

use crate::commands::plugin::call::{Answer, Outcome};
use crate::commands::plugin::expect::{Expect, ExpectedDecision, ExpectedDenial};

/// One thing that is not as expected.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Mismatch {
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) got: String,
}

impl Expect {
    /// Everything that is not as expected.
    pub(super) fn compare(&self, outcome: &Outcome) -> Vec<Mismatch> {
        let mut mismatches = Vec::new();
        let mut differ = |what: &str, expected: String, got: String| {
            mismatches.push(Mismatch { what: what.to_owned(), expected, got });
        };
        match (&self.error, &outcome.answer) {
            (None, Answer::Failed(stage)) => {
                differ("answer", "one".to_owned(), format!("a failure: it {stage}"));
                return mismatches;
            }
            (Some(part), Answer::Failed(stage)) => {
                let text = format!("it {stage}");
                if !text.contains(part) {
                    differ("error", format!("…{part}…"), text);
                }
            }
            (Some(part), answer) => differ("error", format!("…{part}…"), answer.word().to_owned()),
            (None, _) => {}
        }
        if let Some(decision) = self.decision {
            let (word, is_so) = match decision {
                ExpectedDecision::Allow => ("allowed", matches!(outcome.answer, Answer::Allowed)),
                ExpectedDecision::Deny => ("denied", matches!(outcome.answer, Answer::Denied(_))),
            };
            if !is_so {
                differ("decision", word.to_owned(), outcome.answer.word().to_owned());
            }
        }
        if let Some(expected) = &self.deny {
            match &outcome.answer {
                Answer::Denied(denial) => expected.compare(denial, &mut differ),
                other => differ("decision", "denied".to_owned(), other.word().to_owned()),
            }
        }
        self.compare_object(&outcome.answer, &mut differ);
        for part in &self.logs {
            let is_in = |text: Option<&str>| text.is_some_and(|text| text.contains(part.as_str()));
            let lines = &outcome.lines;
            if !lines.iter().any(|line| is_in(Some(&line.message)) || is_in(line.fields.as_deref())) {
                let said: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
                let said = if said.is_empty() { "nothing".to_owned() } else { said.join(" | ") };
                differ("logs", format!("…{part}…"), said);
            }
        }
        mismatches
    }

    fn compare_object(&self, answer: &Answer, differ: &mut impl FnMut(&str, String, String)) {
        let wanted: Vec<_> = [("claims", &self.claims), ("session", &self.session)]
            .into_iter()
            .filter_map(|(kind, object)| Some((kind, object.as_ref()?)))
            .collect();
        if wanted.is_empty() && self.absent.is_empty() {
            return;
        }
        let Answer::Changed { object, .. } = answer else {
            let kind = wanted.first().map_or("claims or a session", |(kind, _)| *kind);
            return differ("answer", kind.to_owned(), answer.word().to_owned());
        };
        for (kind, members) in wanted {
            for (name, value) in members {
                match object.get(name) {
                    Some(got) if got == value => {}
                    got => {
                        let got = got.map_or("nothing".to_owned(), ToString::to_string);
                        differ(&format!("{kind}.{name}"), value.to_string(), got);
                    }
                }
            }
        }
        for name in &self.absent {
            if let Some(got) = object.get(name) {
                differ(name, "nothing".to_owned(), got.to_string());
            }
        }
    }
}

impl ExpectedDenial {
    fn compare(&self, denial: &Denial, differ: &mut impl FnMut(&str, String, String)) {
        for (what, expected, got) in [
            ("deny.code", &self.code, &denial.code),
            ("deny.message", &self.message, &denial.message),
            ("deny.reason", &self.reason, &denial.reason),
        ] {
            if let Some(expected) = expected
                && Some(expected) != got.as_ref()
            {
                let got = got.as_ref().map_or("none".to_owned(), |text| format!("{text:?}"));
                differ(what, format!("{expected:?}"), got);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use hookgate_core::hooks::Stage;
    use hookgate_hooks::CallReport;
    use serde_json::{Value, json};

    use super::*;
    use crate::commands::plugin::difference::Difference;
    use crate::commands::plugin::stand_in::Record;

    fn mismatches(expect: Value, answer: Answer) -> Vec<String> {
        let expect: Expect = serde_json::from_value(expect).expect("an expectation");
        let outcome =
            Outcome { answer, report: CallReport::default(), lines: Vec::new(), record: Record::default() };
        expect
            .compare(&outcome)
            .into_iter()
            .map(|m| format!("{}: {} / {}", m.what, m.expected, m.got))
            .collect()
    }

    fn claims() -> Answer {
        let Value::Object(object) = json!({"plan": "free", "sub": "u"}) else { unreachable!("an object") };
        Answer::Changed { object, difference: Difference::default() }
    }

    #[test]
    fn what_is_as_expected_says_nothing() {
        let denied = || Answer::Denied(Denial { code: Some("no".to_owned()), ..Denial::default() });
        let none: Vec<String> = Vec::new();
        assert_eq!(mismatches(json!({"decision": "allow"}), Answer::Allowed), none);
        assert_eq!(mismatches(json!({"deny": {"code": "no"}}), denied()), none);
        assert_eq!(mismatches(json!({"claims": {"plan": "free"}, "absent": ["x"]}), claims()), none);
        assert_eq!(
            mismatches(json!({"error": "10 ms"}), Answer::Failed(Stage::Deadline { limit_ms: 10 })),
            none
        );
    }

    #[test]
    fn what_differs_is_named() {
        assert_eq!(mismatches(json!({"decision": "deny"}), Answer::Allowed), ["decision: denied / allowed"]);
        assert_eq!(mismatches(json!({"deny": {}}), Answer::Allowed), ["decision: denied / allowed"]);
        assert_eq!(
            mismatches(json!({"claims": {"plan": "pro"}, "absent": ["sub"]}), claims()),
            ["claims.plan: \"pro\" / \"free\"", "sub: nothing / \"u\""]
        );
        assert_eq!(mismatches(json!({"error": "x"}), Answer::Taken), ["error: …x… / taken"]);
        assert_eq!(mismatches(json!({"logs": ["x"]}), Answer::Taken), ["logs: …x… / nothing"]);
    }

    #[test]
    fn a_failure_must_be_expected() {
        let failed = Answer::Failed(Stage::Trap("unreachable".to_owned()));
        assert_eq!(mismatches(json!({}), failed), ["answer: one / a failure: it trapped: unreachable"]);
    }
}
