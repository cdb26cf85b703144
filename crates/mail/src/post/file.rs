//! Letters as files: the mailbox of the demonstration.

use std::{
    io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;

use super::{Post, PostError, Sent};
use crate::{Composer, Message, mailbox};

/// Writes each letter into a folder, one `.eml` file a letter, for
/// [`Mailbox`](crate::mailbox::Mailbox) to read. The same letter sent twice is one file.
#[derive(Debug)]
pub struct FilePost {
    composer: Composer,
    folder: PathBuf,
}

impl FilePost {
    /// A post for a folder, made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(composer: Composer, folder: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = folder.into();
        std::fs::create_dir_all(&folder)?;
        Ok(Self { composer, folder })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[async_trait]
impl Post for FilePost {
    async fn send(&self, message: &Message) -> Result<Sent, PostError> {
        let composed = self.composer.compose(message)?;
        let name = mailbox::file_name(message.written_at(), message.id());
        let target = self.folder.join(&name);
        // Written aside and renamed, so that a reader never sees half a letter.
        let aside = self.folder.join(format!(".{name}.{}", uuid::Uuid::new_v4()));
        let written = match tokio::fs::write(&aside, &composed.bytes).await {
            Ok(()) => tokio::fs::rename(&aside, &target).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            // The half-written file, if any, is hidden from the mailbox by its leading dot.
            let _ = tokio::fs::remove_file(&aside).await;
            tracing::warn!(letter.id = %message.id(), kind = ?error.kind(), "letter not filed");
            return Err(PostError::TryLater { code: None, reason: "the folder refused the file" });
        }
        Ok(Sent { message_id: composed.message_id })
    }
}
