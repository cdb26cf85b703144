//! A post that keeps its letters: for tests.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::{Post, PostError, Sent};
use crate::{Composer, Message, compose::Composed};

/// Keeps what it is given, in order, and fails when told to.
#[derive(Debug)]
pub struct MemoryPost {
    composer: Composer,
    sent: Mutex<Vec<(Message, Composed)>>,
    failures: Mutex<VecDeque<PostError>>,
}

impl MemoryPost {
    /// An empty post.
    #[must_use]
    pub fn new(composer: Composer) -> Self {
        Self { composer, sent: Mutex::default(), failures: Mutex::default() }
    }

    /// The next send fails with this; several queue up.
    pub fn fail_next(&self, error: PostError) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).push_back(error);
    }

    /// What was sent, oldest first, with the text it became.
    #[must_use]
    pub fn sent(&self) -> Vec<(Message, Composed)> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Post for MemoryPost {
    async fn send(&self, message: &Message) -> Result<Sent, PostError> {
        let composed = self.composer.compose(message)?;
        let failure = self.failures.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if let Some(error) = failure {
            return Err(error);
        }
        let sent = Sent { message_id: composed.message_id.clone() };
        let mut letters = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        letters.push((message.clone(), composed));
        Ok(sent)
    }
}
