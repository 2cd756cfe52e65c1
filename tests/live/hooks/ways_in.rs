//! Every way in fires the same events: a table of ways, and what plugins are told of each.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::json;

use crate::kit::passkeys::{add, authenticator, sign_in as passkey_sign_in};
use crate::kit::{
    Answer, Authenticator, Browser, CLIENT_ID, CLIENT_SECRET, Desk, IdentityProvider, Mailbox, Plugins,
    Server, claims, eventually, guest,
};

const APP: &str = "https://app.example.com/oauth/callback";

/// A way to become known and to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Password,
    MagicLink,
    OAuth,
    Passkey,
    /// Made by the operator, signs in with a password.
    CommandLine,
}

const WAYS: [Way; 5] = [Way::Password, Way::MagicLink, Way::OAuth, Way::Passkey, Way::CommandLine];

impl Way {
    /// What hooks are told of it.
    const fn provider(self) -> &'static str {
        match self {
            Self::Password | Self::CommandLine => "credentials",
            Self::MagicLink => "magic_link",
            Self::OAuth => "google",
            Self::Passkey => "passkey",
        }
    }

    fn email(self) -> String {
        format!("{self:?}@example.com").to_lowercase()
    }
}

/// A server with every way in, and what stands at its other ends.
struct House {
    server: Server,
    plugins: Plugins,
    mailbox: Mailbox,
    provider: IdentityProvider,
    authenticator: Authenticator,
}

impl House {
    async fn new() -> Self {
        let (mailbox, provider) = (Mailbox::new(), IdentityProvider::start().await);
        let plugins = Plugins::with("all-hooks");
        let url = &provider.url;
        let config = format!(
            "[[providers]]\ntype = \"credentials\"\n[[providers]]\ntype = \"magic_links\"\n\
             [[providers]]\ntype = \"google\"\nclient_id = \"{CLIENT_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\n\
             endpoints = {{ authorization = \"{url}/authorize\", token = \"{url}/token\", userinfo = \"{url}/userinfo\" }}\n\
             [[providers]]\ntype = \"passkey\"\nrp_id = \"localhost\"\nrp_name = \"Example\"\n\
             origin = [\"http://localhost:3000\"]\n"
        );
        let server = mailbox.setup().config(&config).plugins(plugins.path()).start().await;
        Self { server, plugins, mailbox, provider, authenticator: authenticator() }
    }

    /// Becomes known by this way. Gives the answer if it signs in at once.
    async fn sign_up(&mut self, way: Way) -> Option<Answer> {
        let email = way.email();
        match way {
            Way::Password => Some(self.server.register(&email).await),
            Way::Passkey => {
                let answer = self.server.register(&email).await;
                add(&self.server, &answer.text("access_token"), &mut self.authenticator).await;
                Some(answer)
            }
            Way::CommandLine => {
                Desk::of(&self.server).create(&email, &[]);
                None
            }
            Way::MagicLink | Way::OAuth => Some(self.sign_in(way).await),
        }
    }

    async fn sign_in(&mut self, way: Way) -> Answer {
        let (server, email) = (&self.server, way.email());
        match way {
            Way::Password | Way::CommandLine => server.login(&email).await,
            Way::MagicLink => {
                server.post("/auth/magic-links/login", json!({ "email": email })).await.expect(200);
                let link = self.mailbox.next().await.link();
                server.send(server.request(Method::GET, &link)).await
            }
            Way::OAuth => {
                self.provider.will(|script| {
                    script.user =
                        json!({ "sub": "7", "email": email, "email_verified": true, "name": "Ada" });
                });
                let browser = Browser::new();
                let path = format!("/auth/oauth/google/authorize?redirect_uri={APP}");
                let page = browser.open(server, &path).await.expect(200).text("url");
                let place = browser.sent_to(&page).await;
                let query = place.split_once('?').unwrap().1;
                browser.open(server, &format!("/auth/oauth/google/callback?{query}")).await
            }
            Way::Passkey => passkey_sign_in(server, &mut self.authenticator).await,
        }
    }

    /// How often each event was told of a user, with the text that came with it.
    fn told(&self, user: &str) -> BTreeMap<String, usize> {
        let mut told = BTreeMap::new();
        for line in self.server.log.text().lines().filter(|line| line.contains("plugin=\"all-hooks\"")) {
            let Some(at) = line.find("on-") else { continue };
            let hook = line[at..].split(' ').next().unwrap().trim_matches('"');
            if line.contains(&format!("{hook} {user}")) {
                let about = line.split("about=").nth(1).unwrap_or_default();
                let about = about.split([' ', '"', '\\']).next().unwrap_or_default();
                *told.entry(format!("{hook} {about}").trim_end().to_owned()).or_default() += 1;
            }
        }
        told
    }

    /// Waits until the user's events are these, each so often, and no others but those about links and keys.
    async fn expect_told(&self, way: Way, user: &str, expected: &[(&str, usize)]) {
        let expected: BTreeMap<String, usize> =
            expected.iter().map(|(event, times)| ((*event).to_owned(), *times)).collect();
        let own = |(event, _): &(String, usize)| {
            !["on-magic-link-sent", "on-passkey-registered", "on-email-verify"]
                .iter()
                .any(|other| event.starts_with(other))
        };
        let told = || self.told(user).into_iter().filter(own).collect::<BTreeMap<_, _>>();
        let mut last = BTreeMap::new();
        for _ in 0..500 {
            last = told();
            if last == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(last, expected, "{way:?}: {}", self.server.log.text());
    }
}

#[tokio::test]
async fn every_way_in_fires_the_same_events() {
    let mut house = House::new().await;
    let mut users = BTreeMap::new();
    for way in WAYS {
        let by = format!("on-signin {}", way.provider());
        let known = house.sign_up(way).await;
        // Whoever comes in by a link or a provider has signed in by that; a registration is none.
        let mut sign_ins = usize::from(matches!(way, Way::MagicLink | Way::OAuth));
        if let Some(answer) = &known {
            assert!([200, 201].contains(&answer.status), "{way:?}: {answer:?}");
        }
        let answer = house.sign_in(way).await;
        answer.expect(200);
        sign_ins += 1;
        let token = answer.text("access_token");
        let user = claims(&token)["sub"].as_str().unwrap().to_owned();
        assert_eq!(claims(&token)["all_hooks"], true, "{way:?}");
        let told_of_signup = [("on-signup", 1), (by.as_str(), sign_ins)];
        house.expect_told(way, &user, &told_of_signup).await;
        house.server.logs(&["allow-signin", &user, &format!("provider={}", way.provider())]).await;

        // What follows a sign-in does not depend on how it was made.
        let refreshed = house.server.refresh(&answer.text("refresh_token")).await;
        refreshed.expect(200);
        let token = refreshed.text("access_token");
        let session = claims(&token)["sid"].as_str().unwrap().to_owned();
        house.server.delete(&format!("/auth/sessions/{session}"), &token).await;
        let last = house.sign_in(way).await.text("access_token");
        let logout = house.server.request(Method::POST, "/auth/logout").bearer_auth(&last);
        house.server.send(logout).await.expect(200);
        let revoked = format!("on-session-revoke {session}");
        let all = [
            ("on-signup", 1),
            (by.as_str(), sign_ins + 1),
            ("on-token-refresh", 1),
            (revoked.as_str(), 1),
            ("on-signout", 1),
        ];
        house.expect_told(way, &user, &all).await;
        users.insert(way.email(), (user, sign_ins + 1, revoked));
    }

    house.server.register("probe@example.com").await.expect(201);
    house.plugins.put("deny-all", &guest("deny-all"));
    house.server.logs(&["plugin loaded", "deny-all"]).await;
    eventually("the gate is closed", || async {
        house.server.login("probe@example.com").await.status == 403
    })
    .await;
    for way in WAYS {
        let answer = house.sign_in(way).await;
        answer.expect(403);
        assert_eq!(answer.json()["code"], "banned", "{way:?}");
        let (user, sign_ins, revoked) = &users[&way.email()];
        let by = format!("on-signin {}", way.provider());
        let all = [
            ("on-signup", 1),
            (by.as_str(), *sign_ins),
            ("on-token-refresh", 1),
            (revoked.as_str(), 1),
            ("on-signout", 1),
            ("on-signin-failed denied", 1),
        ];
        house.expect_told(way, user, &all).await;
    }
}
