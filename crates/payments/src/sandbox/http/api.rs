//! One call of the API: the key, the faults, idempotency, the answer.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, Response, header},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    answer::{Answer, hang_up},
    faults::When,
    form::Form,
    reads,
    writes::Write,
};
use crate::sandbox::{Sandbox, lock, refusal::Refusal, world::StoredAnswer};

/// No call of ours is longer.
const LONGEST: usize = 64 * 1024;

/// A call, read.
struct Call {
    method: Method,
    path: String,
    query: String,
    body: String,
    key: Option<String>,
}

impl Call {
    /// What an idempotency key stands for: the parameters, in whatever order they were sent.
    fn digest(&self) -> String {
        let mut parameters: Vec<&str> = self.body.split('&').collect();
        parameters.sort_unstable();
        let text = format!("{} {}\n{}", self.method, self.path, parameters.join("&"));
        hex::encode(Sha256::digest(text))
    }

    fn segments(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').skip(1).collect()
    }
}

/// Answers a request below `/v1/`. Whoever hangs up meanwhile does not stop it.
pub async fn answer(sandbox: Sandbox, request: Request<Body>) -> Response<Body> {
    let id = sandbox.request_id();
    let outcome = tokio::spawn(async move {
        if let Err(refusal) = admitted(&sandbox, request.headers()) {
            return Some(Answer::refused(&refusal));
        }
        match read(request).await {
            Ok(call) => faulty(&sandbox, call).await,
            Err(refusal) => Some(Answer::refused(&refusal)),
        }
    });
    match outcome.await {
        Ok(Some(answer)) => answer.response(&id),
        Ok(None) => hang_up(),
        Err(_) => Answer::fault(500).response(&id),
    }
}

fn admitted(sandbox: &Sandbox, headers: &HeaderMap) -> Result<(), Refusal> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = shown.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
    let refused = |message: &str| Refusal { status: 401, ..Refusal::invalid(None, message) };
    let Some(key) = key else { return Err(refused("You did not provide an API key.")) };
    let right = sandbox.shared.config.secret_key.expose_secret();
    if bool::from(key.as_bytes().ct_eq(right.as_bytes())) {
        return Ok(());
    }
    Err(refused("Invalid API Key provided."))
}

async fn read(request: Request<Body>) -> Result<Call, Refusal> {
    let (head, body) = request.into_parts();
    let unreadable = || Refusal::invalid(None, "The request body cannot be read.");
    let body = to_bytes(body, LONGEST).await.map_err(|_| unreadable())?;
    let body = String::from_utf8(body.into()).map_err(|_| unreadable())?;
    let key = head.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    Ok(Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body,
        key: key.map(str::to_owned),
    })
}

/// Answers; or does not, when the fault script says so.
async fn faulty(sandbox: &Sandbox, call: Call) -> Option<Answer> {
    let Some(_held) = Held::by(sandbox, &call) else {
        let message = "There is currently another in-progress request using this key.";
        let in_use = Some("idempotency_key_in_use");
        return Some(Answer::refused(&Refusal::idempotency(409, in_use, message)));
    };
    let fault = lock(&sandbox.shared.faults).of_call(call.method.as_str(), &call.path);
    let fault = fault.unwrap_or_default();
    let delay = Duration::from_millis(fault.delay_ms);
    if fault.when == When::Before {
        tokio::time::sleep(delay).await;
        if fault.reset {
            return None;
        }
        if let Some(status) = fault.status {
            return Some(Answer::fault(status));
        }
        return Some(keyed(sandbox, &call, None));
    }
    let answer = keyed(sandbox, &call, fault.status);
    tokio::time::sleep(delay).await;
    (!fault.reset).then_some(answer)
}

/// One call at a time under one key.
struct Held<'a>(&'a Sandbox, Option<&'a String>);

impl<'a> Held<'a> {
    fn by(sandbox: &'a Sandbox, call: &'a Call) -> Option<Self> {
        let key = call.key.as_ref().filter(|_| call.method == Method::POST);
        let free = key.is_none_or(|key| lock(&sandbox.shared.in_use).insert(key.clone()));
        free.then_some(Self(sandbox, key))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.1 {
            lock(&self.0.shared.in_use).remove(key);
        }
    }
}

/// The kept answer of a key, or a new one.
fn keyed(sandbox: &Sandbox, call: &Call, instead: Option<u16>) -> Answer {
    let key = call.key.as_ref().filter(|_| call.method == Method::POST);
    let now = sandbox.now().unix_timestamp();
    let kept = key.and_then(|key| sandbox.look(|world| world.answer(key, now).cloned()));
    match kept {
        Some(kept) if kept.request == call.digest() => {
            Answer { status: kept.status, body: kept.body, replayed: true }
        }
        Some(_) => {
            let message = "Keys for idempotent requests can only be used with the same \
                           parameters they were first used with.";
            Answer::refused(&Refusal::idempotency(400, None, message))
        }
        None => act(sandbox, call, instead),
    }
}

fn act(sandbox: &Sandbox, call: &Call, instead: Option<u16>) -> Answer {
    let path = call.segments();
    if call.method == Method::GET {
        let form = Form::read(&call.query);
        let read = form.and_then(|form| {
            sandbox.look(|world| reads::read(world, sandbox.view(), (&path, &form)))
        });
        return instead.map_or_else(|| Answer::of(read), Answer::fault);
    }
    if call.method != Method::POST {
        return Answer::refused(&reads::unrecognized(call.method.as_str(), &path));
    }
    let form = match Form::read(&call.body) {
        Ok(form) => form,
        Err(refusal) => return Answer::refused(&refusal),
    };
    // A call that cannot be read has no answer worth keeping.
    let write = match Write::read(&path, &form) {
        Ok(write) => write,
        Err(refusal) => return Answer::refused(&refusal),
    };
    let done = sandbox.change(|world, at| {
        let view = sandbox.view();
        let mut result = write.act(world, at, view);
        if let Ok(json) = &mut result {
            reads::expand(json, world, (view, &form))?;
        }
        let answer = instead.map_or_else(|| Answer::of(result), Answer::fault);
        if let Some(key) = &call.key {
            let (status, body) = (answer.status, answer.body.clone());
            let (key, request) = (key.clone(), call.digest());
            world.answered(StoredAnswer { key, created: at.now, request, status, body });
        }
        Ok(answer)
    });
    done.unwrap_or_else(|refusal| Answer::refused(&refusal))
}
