//! `GET /docs`: `/openapi.json` to read.

use std::sync::LazyLock;

use axum::response::Response;

use crate::call::Call;
use crate::error::ApiError;
use crate::page::Page;
use crate::security::Anyone;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

static PAGE: LazyLock<Page> = LazyLock::new(|| Page::new(include_str!("page.html"), STYLE, SCRIPT));

/// The page. What it shows it asks for.
pub(crate) async fn serve_page(_: Call<Anyone>) -> Result<Response, ApiError> {
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
