//! Answers for people: columns that stand in line, nothing else.

/// Rows under headings.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()] }
    }

    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| printable(&cell)).to_vec());
    }

    pub(crate) fn render(&self) -> String {
        render(&self.rows)
    }
}

/// Names and values, one pair to a line.
#[derive(Default)]
pub(crate) struct Facts {
    rows: Vec<Vec<String>>,
}

impl Facts {
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.rows.push(vec![name.to_owned(), printable(value)]);
    }

    pub(crate) fn render(&self) -> String {
        render(&self.rows)
    }
}

fn render(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("{cell:<width$}  ");
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Names and user agents are whatever somebody sent: nothing in them may move the cursor, or turn the
/// direction of what follows.
pub(crate) fn printable(text: &str) -> String {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .flat_map(|c| {
            let escaped = is_bad(c).then(|| c.escape_unicode());
            let plain = escaped.is_none().then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_in_line() {
        let mut table = Table::new(["NAME", "X"]);
        table.row(["a".to_owned(), "1".to_owned()]);
        table.row(["längér-name".to_owned(), String::new()]);
        assert_eq!(table.render(), "NAME         X\na            1\nlängér-name\n");
    }

    #[test]
    fn what_users_chose_cannot_steer_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n"), "a\\u{1b}[2Jb\\u{202e}c\\u{a}");
        assert_eq!(printable("Ada Lovelace é"), "Ada Lovelace é");
    }
}
