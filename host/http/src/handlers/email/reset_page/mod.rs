//! `GET /reset-password`: where the mailed link leads.

use std::sync::LazyLock;

use axum::response::Response;

use crate::call::Call;
use crate::error::ApiError;
use crate::page::Page;
use crate::security::Anyone;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Its script reads the token from the address, so the page holds nothing that a link could smuggle in.
static PAGE: LazyLock<Page> = LazyLock::new(|| Page::new(include_str!("page.html"), STYLE, SCRIPT));

/// A form that asks for the new password. The link stays good until the form is sent.
pub(crate) async fn reset_page(_: Call<Anyone>) -> Result<Response, ApiError> {
    Ok(PAGE.to_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        PAGE.assert_self_contained(STYLE, SCRIPT);
    }
}
