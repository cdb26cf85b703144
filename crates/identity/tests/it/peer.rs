//! An identity provider by another hand, in a process of its own, and a browser that walks through
//! it.

#![allow(dead_code, reason = "each binary uses its part of the street")]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    time::Duration,
};

use reqwest::{Client, Response, redirect::Policy};
use serde_json::{Value, json};

/// Our name and our secret there.
pub const CLIENT: (&str, &str) = ("essaim", "un secret entre eux et nous");

/// The provider; it ends when this is dropped.
pub struct Peer {
    pub issuer: String,
    child: Child,
    _stays: ChildStdin,
    client: Client,
}

fn client() -> Client {
    // Another test may have installed one before: any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let patience = Duration::from_secs(20);
    Client::builder().redirect(Policy::none()).timeout(patience).build().unwrap()
}

impl Peer {
    /// Starts one; `root` is the folder of the repository.
    pub fn start(root: &str, kind: &str, (redirect, signed_out): (&str, &str)) -> Self {
        let folder: PathBuf = Path::new(root).join("tests/peers");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "the provider is not installed: npm ci --prefix tests/peers"
        );
        let told = json!({ "kind": kind, "redirect": redirect, "signedOut": signed_out });
        let mut child = Command::new("node")
            .arg(folder.join("oidc.mjs"))
            .arg(told.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed");
        let stays = child.stdin.take().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let said: Value = serde_json::from_str(&first).expect("the provider says where it is");
        let issuer = said["issuer"].as_str().unwrap().to_owned();
        Self { issuer, child, _stays: stays, client: client() }
    }

    /// Tells it what to do next.
    pub async fn tell(&self, what: Value) {
        let told = self.client.post(format!("{}/peer", self.issuer)).json(&what);
        assert!(told.send().await.unwrap().status().is_success());
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser: it keeps cookies and follows no redirect by itself.
pub struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new() -> Self {
        Self { client: client(), cookies: BTreeMap::new() }
    }

    fn keeps(&mut self, answer: &Response) {
        for set in answer.headers().get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    fn cookies(&self) -> String {
        let pairs = self.cookies.iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub async fn get(&mut self, url: &str) -> Response {
        let asked = self.client.get(url).header("cookie", self.cookies());
        let answer = asked.send().await.unwrap();
        self.keeps(&answer);
        answer
    }

    pub async fn post(&mut self, url: &str, form: &[(&str, &str)]) -> Response {
        let asked = self.client.post(url).header("cookie", self.cookies()).form(form);
        let answer = asked.send().await.unwrap();
        self.keeps(&answer);
        answer
    }

    /// Goes to an address of the provider and on until it is sent back to us: to which address?
    pub async fn walks(&mut self, peer: &Peer, url: &str) -> String {
        let mut url = url.to_owned();
        for _ in 0..10 {
            let answer = self.get(&url).await;
            let status = answer.status();
            let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
            let Some(to) = to else { panic!("{url}: {status} {}", answer.text().await.unwrap()) };
            url = if to.starts_with('/') { format!("{}{to}", peer.issuer) } else { to };
            if !url.starts_with(&peer.issuer) {
                return url;
            }
        }
        panic!("walks in circles")
    }
}
