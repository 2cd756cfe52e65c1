//! A browser: it keeps cookies, and shows where it is sent instead of going there.

use reqwest::header::LOCATION;
use reqwest::{Client, Method};

use super::{Answer, Server};

pub(crate) struct Browser(Client);

impl Browser {
    pub(crate) fn new() -> Self {
        let no_redirects = reqwest::redirect::Policy::none();
        Self(Client::builder().redirect(no_redirects).no_proxy().cookie_store(true).build().unwrap())
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        Answer::read(self.0.get(url).send().await.unwrap()).await
    }

    /// Follows a link to a page of the server.
    pub(crate) async fn open(&self, server: &Server, path: &str) -> Answer {
        self.get(&format!("{}{path}", server.url)).await
    }

    /// The same with an access token.
    pub(crate) async fn open_as(&self, server: &Server, path: &str, token: &str) -> Answer {
        let request = self.0.request(Method::GET, format!("{}{path}", server.url)).bearer_auth(token);
        Answer::read(request.send().await.unwrap()).await
    }

    /// Fills in a form.
    pub(crate) async fn submit(&self, url: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.0.post(url).header("content-type", "application/x-www-form-urlencoded");
        Answer::read(request.body(body).send().await.unwrap()).await
    }

    /// Where a page sends it to.
    pub(crate) async fn sent_to(&self, url: &str) -> String {
        let response = self.0.get(url).send().await.unwrap();
        let status = response.status();
        let location = response.headers().get(LOCATION).unwrap_or_else(|| panic!("{status} from {url}"));
        location.to_str().unwrap().to_owned()
    }
}
