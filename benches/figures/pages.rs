//! Pages a second, asked by wrk, beside nginx with the very same bytes.

use std::{fs, time::Duration};

use anyhow::{Context, ensure};
use tokio::process::Command;

use crate::{
    process::{Beside, output},
    town::{Folder, free_port},
};

const ASK: &str = include_str!("ask.lua");
/// Connections kept open.
const VISITORS: &str = "16";

/// What a crowd of readers got.
#[derive(Clone, Copy)]
pub struct Asked {
    /// Answers per second, all of them good.
    pub rate: f64,
    /// Half of the answers came within so many milliseconds.
    pub p50_ms: f64,
    /// And 99 of 100 within so many.
    pub p99_ms: f64,
}

/// Who asks: wrk, and for how long.
pub struct Readers<'a> {
    folder: &'a Folder,
    seconds: u64,
}

impl<'a> Readers<'a> {
    pub fn new(folder: &'a Folder, seconds: u64) -> anyhow::Result<Self> {
        fs::write(folder.at("ask.lua"), ASK)?;
        Ok(Self { folder, seconds })
    }

    /// Asks a site for some addresses in turn.
    pub async fn ask(&self, site: &str, paths: &[String], gzip: bool) -> anyhow::Result<Asked> {
        let list = self.folder.at("paths");
        fs::write(&list, paths.join("\n"))?;
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "-c", VISITORS, "-d", &format!("{}s", self.seconds), "--timeout", "10s"]);
        wrk.arg("-s").arg(self.folder.at("ask.lua")).arg(site).arg("--").arg(&list);
        wrk.args(gzip.then_some("gzip"));
        let said = output(&mut wrk).await?;
        let line = said.lines().find_map(|line| line.strip_prefix("figures "));
        let line = line.with_context(|| format!("wrk says no figures: {said}"))?;
        let figures: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
        let [answers, micros, failed, p50, p99, _] = figures[..] else {
            anyhow::bail!("wrk says {line}");
        };
        ensure!(failed == 0.0 && answers > 0.0, "{failed} of {answers} answers failed: {said}");
        Ok(Asked { rate: answers / (micros / 1e6), p50_ms: p50 / 1e3, p99_ms: p99 / 1e3 })
    }

    /// The same, of a page that nginx serves from a file with the bytes of ours.
    pub async fn ask_static(&self, page: &str, gzip: bool) -> anyhow::Result<Asked> {
        let mut server = Static::serve(self.folder, page).await?;
        let address = server.address.clone();
        server.nginx.accepts(&address).await?;
        let asked =
            self.ask(&format!("http://{address}"), &["/page.html".to_owned()], gzip).await?;
        server.nginx.stop().await?;
        Ok(asked)
    }
}

/// A page of the house, as a visitor gets it.
pub async fn fetch(site: &str, path: &str) -> anyhow::Result<String> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
    let answer = client.get(format!("{site}{path}")).send().await?;
    ensure!(answer.status().is_success(), "{path}: {}", answer.status());
    Ok(answer.text().await?)
}

struct Static {
    nginx: Beside,
    address: String,
}

impl Static {
    async fn serve(folder: &Folder, page: &str) -> anyhow::Result<Self> {
        let root = folder.at("static");
        fs::create_dir_all(&root)?;
        fs::write(root.join("page.html"), page)?;
        let address = format!("127.0.0.1:{}", free_port().await?);
        let place = root.display();
        let kept: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .concat();
        let settings = format!(
            "daemon off;\nworker_processes auto;\npid {place}/pid;\nerror_log {place}/error.log;\n\
             events {{ worker_connections 1024; }}\n\
             http {{\ntypes {{ text/html html; }}\naccess_log off;\nsendfile on;\n\
             tcp_nopush on;\nkeepalive_requests 100000000;\nopen_file_cache max=10;\n\
             gzip on;\n{kept}\
             server {{ listen {address}; root {place}; }}\n}}\n"
        );
        let written = root.join("nginx.conf");
        fs::write(&written, settings)?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-e").arg(root.join("error.log")).arg("-c").arg(&written);
        Ok(Self { nginx: Beside::start(nginx, "nginx")?, address })
    }
}
