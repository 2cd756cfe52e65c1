//! WASI preview 1 of a world in which nothing is there, for language runtimes that import it.

/// What modules call it.
pub(crate) const PREVIEW1: &str = "wasi_snapshot_preview1";

const TEXT: &str = include_str!("../../../plugins-sdk/core-module/wasi-stub.wat");

/// Where the stub's clock and its series of numbers begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WasiStub {
    pub(crate) clock: i64,
    pub(crate) random: i64,
}

impl Default for WasiStub {
    fn default() -> Self {
        Self { clock: 1, random: 0x2545_f491_4f6c_dd1d }
    }
}

impl WasiStub {
    /// The module. It exports its state, too: `clock` and `random`.
    pub(crate) fn module(self) -> Result<Vec<u8>, wat::Error> {
        let Self { clock, random } = Self::default();
        let text = TEXT
            .replace(
                &format!("(mut i64) (i64.const {clock})"),
                &format!("(mut i64) (i64.const {})", self.clock),
            )
            .replace(
                &format!("(mut i64) (i64.const {random:#x})"),
                &format!("(mut i64) (i64.const {})", self.random),
            );
        wat::parse_str(text)
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Operator, Parser, Payload};

    use super::*;

    /// The first values of the globals.
    fn globals(module: &[u8]) -> Vec<i64> {
        let payloads = Parser::new(0).parse_all(module).map(|payload| payload.expect("a module"));
        let sections = payloads.filter_map(|payload| match payload {
            Payload::GlobalSection(section) => Some(section),
            _ => None,
        });
        let globals = sections.flatten().map(|global| global.expect("a global"));
        let first = globals.map(|global| global.init_expr.get_operators_reader().read().expect("a value"));
        let values = first.map(|operator| match operator {
            Operator::I64Const { value } => value,
            other => panic!("no number: {other:?}"),
        });
        values.collect()
    }

    #[test]
    fn it_begins_where_it_is_told_to() {
        let default = WasiStub::default();
        assert_eq!(globals(&default.module().expect("the stub")), [default.clock, default.random]);
        assert_eq!(globals(&wat::parse_str(TEXT).expect("the text")), [default.clock, default.random]);
        let later = WasiStub { clock: 5001, random: -7 };
        assert_eq!(globals(&later.module().expect("the stub")), [5001, -7]);
    }
}
