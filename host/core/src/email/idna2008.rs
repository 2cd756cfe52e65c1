//! What IDNA 2008 (RFC 5892) keeps out of domain names although UTS #46 lets it pass: symbols such as
//! `☃`, punctuation, and letters that are only letters in company.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

use super::characters::is_mark;

/// Checks one label in Unicode, already mapped and valid by UTS #46. The error names the first
/// character that can't stay.
pub(super) fn check_label(label: &str) -> Result<(), String> {
    if label.starts_with(is_mark) {
        return Err("Label begins with an illegal combining character".to_owned());
    }
    let characters: Vec<char> = label.chars().collect();
    for (index, &c) in characters.iter().enumerate() {
        let code = u32::from(c);
        let before = index.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(index + 1).copied();
        match standing(c) {
            Standing::Valid => {}
            Standing::InContext if fits(c, before, after, &characters) => {}
            Standing::InContext => {
                return Err(format!(
                    "Codepoint U+{code:04X} not allowed at position {} in '{label}'",
                    index + 1
                ));
            }
            Standing::Disallowed => {
                return Err(format!(
                    "Codepoint U+{code:04X} at position {} of '{label}' not allowed",
                    index + 1
                ));
            }
        }
    }
    Ok(())
}

enum Standing {
    Valid,
    InContext,
    Disallowed,
}

fn standing(c: char) -> Standing {
    match c {
        'a'..='z' | '0'..='9' | '-' => Standing::Valid,
        // Joiners are checked by UTS #46 itself.
        '\u{200c}' | '\u{200d}' => Standing::Valid,
        '\u{06fd}' | '\u{06fe}' | '\u{0f0b}' | '\u{3007}' => Standing::Valid,
        '\u{b7}' | '\u{0375}' | '\u{05f3}' | '\u{05f4}' | '\u{30fb}' => Standing::InContext,
        '\u{0660}'..='\u{0669}' | '\u{06f0}'..='\u{06f9}' => Standing::InContext,
        '\u{0640}' | '\u{07fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => {
            Standing::Disallowed
        }
        // Parts of Korean syllables; the syllables have code points of their own.
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' => Standing::Disallowed,
        _ => match c.general_category() {
            GeneralCategory::LowercaseLetter
            | GeneralCategory::OtherLetter
            | GeneralCategory::ModifierLetter
            | GeneralCategory::NonspacingMark
            | GeneralCategory::SpacingMark
            | GeneralCategory::DecimalNumber => Standing::Valid,
            _ => Standing::Disallowed,
        },
    }
}

/// RFC 5892, appendix A.3 to A.9.
fn fits(c: char, before: Option<char>, after: Option<char>, label: &[char]) -> bool {
    match c {
        '\u{b7}' => before == Some('l') && after == Some('l'),
        '\u{0375}' => after.is_some_and(|c| matches!(c, '\u{0370}'..='\u{03ff}' | '\u{1f00}'..='\u{1fff}')),
        '\u{05f3}' | '\u{05f4}' => before.is_some_and(|c| matches!(c, '\u{0590}'..='\u{05ff}')),
        '\u{30fb}' => label.iter().any(|&c| c != '\u{30fb}' && is_japanese(c)),
        '\u{0660}'..='\u{0669}' => !label.iter().any(|c| matches!(c, '\u{06f0}'..='\u{06f9}')),
        '\u{06f0}'..='\u{06f9}' => !label.iter().any(|c| matches!(c, '\u{0660}'..='\u{0669}')),
        _ => false,
    }
}

/// Hiragana, Katakana or Han.
const fn is_japanese(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}'
        | '\u{30a1}'..='\u{30fa}' | '\u{30fd}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}
