// A demonstration of its own for the tests, and a browser to visit it with.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
export const executable = process.env.DEMO_EXECUTABLE ?? join(target, 'debug', 'essaim');
const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Asks again until the answer is true, or gives up saying what was awaited. */
export async function until(what, ask, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(`${what}: not within ${seconds} s${last ? ` (${last.message})` : ''}`);
}

export async function freePort() {
  const free = (port) => new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 20000);
    if (await free(port) && await free(port + 1)) return port;
  }
}

/** Starts `essaim demo` in a folder of its own; `stop` ends it and takes the folder away. */
export async function startDemo({ port: wanted, env = {} } = {}) {
  const state = mkdtempSync(join(tmpdir(), 'essaim-nav-'));
  // PostgreSQL runs as another user when we are root: it must be able to pass.
  chmodSync(state, 0o755);
  const port = wanted ?? await freePort();
  const demo = { state, port, log: '' };
  const launch = () => {
    const child = spawn(executable, ['demo', '--state', state, '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    child.stdout.on('data', (text) => { demo.log += text; });
    child.stderr.on('data', (text) => { demo.log += text; });
    demo.child = child;
    demo.ended = new Promise((resolve) => { child.once('exit', resolve); });
  };
  demo.ready = async () => {
    await until('the demonstration answers', async () => {
      if (demo.child.exitCode !== null) return true;
      if (!existsSync(join(state, 'demo.json'))) return false;
      Object.assign(demo, JSON.parse(readFileSync(join(state, 'demo.json'), 'utf8')));
      return (await fetch(`${demo.site}/readyz`)).ok;
    });
    if (demo.child.exitCode !== null) throw new Error(`the demonstration ended: ${demo.log}`);
  };
  demo.kill = async () => { demo.child.kill('SIGKILL'); await demo.ended; };
  demo.restart = async () => { launch(); await demo.ready(); };
  demo.played = () => until('the past is played', () => demo.log.includes('Le passé est joué'), 600);
  demo.stop = async () => {
    demo.child.kill('SIGTERM');
    await demo.ended;
    rmSync(state, { recursive: true, force: true });
  };
  launch();
  try {
    await demo.ready();
  } catch (error) {
    demo.child.kill('SIGKILL');
    throw error;
  }
  return demo;
}

export function openBrowser() {
  return chromium.launch({
    executablePath: browserPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** What the letters say, newest first. */
export async function letters(demo) {
  const answer = await fetch(`${demo.site}/courriels.json`);
  return (await answer.json()).letters ?? [];
}
