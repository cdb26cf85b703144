//! The database a command works on: the one that is named, else a private one of ours.

use std::path::PathBuf;

use secrecy::ExposeSecret;
use store::private::{self, PrivateError, PrivatePostgres, Running, Settings};

use crate::config::Config;

/// A socket's path must be short, whatever the state folder's is.
const LONGEST_SOCKET_DIR: usize = 70;

/// The name of the database in a private server.
const NAME: &str = "essaim";

/// A database that answers, and the private server behind it, if there is one.
pub struct Database {
    /// Its address.
    pub url: String,
    server: Option<Running>,
}

impl Database {
    /// Opens the database of the settings; starts a private PostgreSQL when they name none.
    ///
    /// # Errors
    /// When the private server cannot start; the text is for the person at the terminal.
    pub async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database.url {
            return Ok(Self { url: url.expose_secret().to_owned(), server: None });
        }
        std::fs::create_dir_all(&config.state_dir)?;
        let mut settings = Settings::new(config.state_dir.join("pg"), socket_dir(config));
        if let Some(named) = &config.database.postgres_bin {
            settings.search.named = Some(named.clone());
        }
        let server = PrivatePostgres::start_with(settings).await?;
        let url = server.database(NAME).await?;
        Ok(Self { url, server: Some(server) })
    }

    /// The same, for a command: when a site of ours runs on the private server, it joins it there.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub async fn join(config: &Config) -> anyhow::Result<Self> {
        let opened = Self::open(config).await;
        let in_use = |error: &anyhow::Error| {
            matches!(error.downcast_ref::<PrivateError>(), Some(PrivateError::InUse(_)))
        };
        match opened {
            Err(error) if in_use(&error) => {
                let socket_dir = std::path::absolute(socket_dir(config))?;
                Ok(Self { url: private::url(&socket_dir, NAME), server: None })
            }
            opened => opened,
        }
    }

    /// Resolves when a private server ended by itself, with the reason; never for another's.
    pub async fn ended(&self) -> anyhow::Error {
        match &self.server {
            Some(server) => server.ended().await.into(),
            None => std::future::pending().await,
        }
    }

    /// Stops a private server; the pools must be closed before.
    pub async fn close(self) {
        if let Some(server) = self.server {
            server.stop().await;
        }
    }
}

fn socket_dir(config: &Config) -> PathBuf {
    let beside = config.state_dir.join("run");
    if beside.as_os_str().len() < LONGEST_SOCKET_DIR {
        return beside;
    }
    std::env::temp_dir().join(format!("essaim-{}", config.instance))
}
