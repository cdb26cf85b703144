//! The SMTP server of `tests/peers/smtp.mjs`, as a process of the test.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        mpsc::{Receiver, channel},
    },
    time::Duration,
};

use mail::{Composer, Security, SmtpConfig, SmtpPost};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

pub struct Peer {
    process: Child,
    lines: Mutex<Receiver<Value>>,
    pub port: u16,
    pub dkim_key: Option<String>,
}

impl Peer {
    /// Starts the peer; a missing `node` or a missing `npm ci` is a failure, with the remedy.
    pub fn start(options: &Value) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
        assert!(
            folder.join("node_modules/smtp-server").is_dir(),
            "the SMTP peer is not installed: npm ci --prefix tests/peers"
        );
        let mut process = Command::new("node")
            .arg(folder.join("smtp.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        let output = BufReader::new(process.stdout.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap();
                if send.send(event).is_err() {
                    break;
                }
            }
        });
        let first = lines.recv_timeout(PATIENCE).expect("the SMTP peer starts");
        Self {
            process,
            lines: Mutex::new(lines),
            port: u16::try_from(first["port"].as_u64().unwrap()).unwrap(),
            dkim_key: first["dkimKey"].as_str().map(ToOwned::to_owned),
        }
    }

    pub fn plain() -> Self {
        Self::start(&json!({}))
    }

    /// The next letter that the server was given, whatever it answered.
    pub fn mail(&self) -> Value {
        self.event("mail")
    }

    /// Waits until the server has lost or closed a connection.
    pub fn closed(&self) -> Value {
        self.event("closed")
    }

    fn event(&self, name: &str) -> Value {
        let lines = self.lines.lock().unwrap();
        loop {
            let event = lines.recv_timeout(PATIENCE).expect(name);
            if let Some(value) = event.get(name) {
                return value.clone();
            }
        }
    }

    pub fn config(&self) -> SmtpConfig {
        SmtpConfig {
            host: "localhost".into(),
            port: self.port,
            security: Security::Plain,
            username: None,
            password: None,
            root_pem: None,
            connections: 2,
            connect_seconds: 20,
            step_seconds: 20,
        }
    }

    pub fn post(&self, composer: Composer) -> SmtpPost {
        SmtpPost::new(composer, self.config()).unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
