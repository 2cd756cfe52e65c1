//! A real nginx in front, with the configuration of `docs/proxies.md`.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use axum::Router;
use axum::http::HeaderMap;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::kit::{Answer, Server, Setup, eventually};

/// An nginx that ends with the test.
struct Nginx {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nginx {
    /// Runs the example of the documentation with these addresses instead of its own.
    async fn start(hookgate: &str, application: &str) -> Self {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/proxies.md");
        let page = std::fs::read_to_string(page).unwrap();
        let example = page.split_once("```nginx\n").unwrap().1.split_once("```").unwrap().0;
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = example.to_owned();
        for (from, to) in [
            ("127.0.0.1:8080", format!("127.0.0.1:{port}")),
            ("http://127.0.0.1:8000", hookgate.to_owned()),
            ("http://127.0.0.1:3000", application.to_owned()),
        ] {
            assert!(server.contains(from), "{from}");
            server = server.replace(from, &to);
        }
        let folder = tempfile::tempdir().unwrap();
        let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.path().display()))
            .concat();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log;\nevents {{}}\n\
             http {{\naccess_log off;\n{paths}{server}\n}}\n",
            folder.path().display()
        );
        std::fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let process = run(folder.path());
        let mut nginx = Self { process, url: format!("http://127.0.0.1:{port}"), folder };
        eventually("nginx listens", || {
            let ended = nginx.process.try_wait().unwrap();
            assert!(ended.is_none(), "nginx ended: {}", nginx.log());
            let is_up = std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
            async move { is_up }
        })
        .await;
        nginx
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }
}

fn run(folder: &Path) -> Child {
    // Distributions put it where only root looks.
    let found = ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"].into_iter().find_map(|program| {
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf"));
        command.arg("-e").arg(folder.join("error.log"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
    });
    found.expect("nginx is not installed: `apt-get install nginx-light`, or the package `nginx` elsewhere")
}

/// An application that says which of the headers it was given.
async fn application() -> String {
    let echo = async |headers: HeaderMap| {
        let mut seen: Vec<_> = headers
            .iter()
            .filter(|(name, _)| name.as_str().starts_with("x-auth-"))
            .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
            .collect();
        seen.sort();
        seen.join("\n")
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(echo)).await });
    url
}

async fn ask(server: &Server, url: String, headers: &[(&str, &str)]) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.request(Method::GET, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    server.send(request).await
}

#[tokio::test]
async fn nginx_asks_and_the_application_learns_who_it_is() {
    let roles =
        "[[roles]]\nname = \"editor\"\npermissions = [\"posts:write\"]\n[[roles]]\nname = \"reader\"\n";
    let server = Setup::new().config(&format!("default_role = \"reader\"\n{roles}")).start().await;
    let registered = server.register("ada@example.com").await;
    let token = registered.expect(201).text("access_token");
    let id = server.get("/auth/me", &token).await.text("id");
    let nginx = Nginx::start(&server.url, &application().await).await;
    let (home, editors) = (format!("{}/home", nginx.url), format!("{}/editors/new", nginx.url));

    for bad in [&[][..], &[("authorization", "Bearer nonsense")], &[("x-auth-user-id", "root")]] {
        let answer = ask(&server, home.clone(), bad).await;
        answer.expect(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }

    let bearer = format!("Bearer {token}");
    let who = format!("x-auth-email=ada@example.com\nx-auth-roles=reader\nx-auth-user-id={id}");
    let forged = [
        ("authorization", bearer.as_str()),
        ("x-auth-roles", "admin"),
        ("x-auth-permissions", "everything"),
        ("x-auth-user-id", "root"),
    ];
    assert_eq!(ask(&server, home.clone(), &forged).await.expect(200).body, who);
    let cookie = format!("access_token={token}");
    assert_eq!(ask(&server, home, &[("cookie", &cookie)]).await.expect(200).body, who);

    ask(&server, editors.clone(), &[("authorization", &bearer)]).await.expect(403);
    server.operate(&["role", "assign", "ada@example.com", "editor"]);
    let answer = ask(&server, editors.clone(), &[("authorization", &bearer)]).await;
    assert_eq!(answer.expect(200).body, format!("x-auth-user-id={id}"));
    server.operate(&["role", "revoke", "editor", "posts:write"]);
    ask(&server, editors, &[("authorization", &bearer)]).await.expect(403);

    // The API itself goes through as it is.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = json!({"email": "ada@example.com", "password": crate::kit::PASSWORD});
    server.send(client.post(format!("{}/auth/login", nginx.url)).json(&login)).await.expect(200);
    // What only nginx may ask is not there for others.
    ask(&server, format!("{}/_editor", nginx.url), &[("authorization", &bearer)]).await.expect(404);
}
