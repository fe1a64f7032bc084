// What the parts share: programs that never outlive this one, the server, ports, and the report.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();
const folders = new Set();
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

// The one way out, whatever the reason: nothing may wait in here.
process.on('exit', () => {
  running.forEach((child) => signal(child, 'SIGKILL'));
  const gone = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 };
  folders.forEach((folder) => rmSync(folder, gone));
});
for (const [name, number] of Object.entries(SIGNALS)) {
  process.on(name, () => process.exit(128 + number));
}

function signal(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // Gone already.
  }
}

/** Starts a program in a process group of its own, so that its own children end with it. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { detached: true, ...options });
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (child.said += text));
  }
  // Without a listener, writing to a program that has gone would end this one.
  child.stdin.on('error', () => {});
  child.ended = new Promise((resolve) => {
    child.on('error', ({ message }) => {
      child.said += message;
      resolve(message);
    });
    child.on('close', (code, name) => resolve(code ?? name));
  });
  if (child.pid) {
    running.add(child);
    child.ended.then(() => running.delete(child));
  }
  return child;
}

/** Asks a program to end; how it ended. */
export async function stop(child) {
  signal(child, 'SIGTERM');
  return within(10, 'the end of a stopped program', child.ended);
}

/** A folder that is gone when this program is. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'mcop-clients-'));
  folders.add(folder);
  return folder;
}

/** What `promise` comes to, unless it takes longer. */
export async function within(seconds, what, promise) {
  const stopped = new AbortController();
  const overdue = sleep(seconds * 1000, undefined, { signal: stopped.signal }).then(() => {
    throw new Error(`waited ${seconds} s in vain for ${what}`);
  });
  try {
    return await Promise.race([promise, overdue]);
  } finally {
    stopped.abort();
    overdue.catch(() => {});
  }
}

/** Waits until `condition` gives something. */
export async function until(seconds, what, condition) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await sleep(20);
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts the service with these settings and no others; `http` and `ws` are where it listens. */
export async function startServer(binary, settings = {}) {
  const port = await freePort();
  const env = { HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'INFO', ...settings };
  const server = start(binary, [], { env });
  server.http = `http://localhost:${port}`;
  server.ws = `ws://localhost:${port}/ws`;
  const healthy = async () => {
    if (server.exitCode !== null || !server.pid) {
      const how = await server.ended;
      throw new Error(`the server did not start: ${server.said.trim() || how}`);
    }
    return fetch(`${server.http}/health`).then((answer) => answer.ok, () => false);
  };
  await until(10, 'a healthy server', healthy);
  return server;
}

/** The browser of this machine. */
export function chromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = process.env.PATH.split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = [process.env.CHROMIUM, ...candidates].filter(Boolean).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(found, `no browser: set CHROMIUM, or put one of ${names.join(', ')} on the PATH`);
  return found;
}

let failures = 0;

/** Carries out one check and reports it in a line; a failed one does not keep the next from running. */
export async function check(title, body) {
  const started = performance.now();
  try {
    await body();
    console.log(`ok    ${title} (${Math.round(performance.now() - started)} ms)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${title}: ${error.message}`);
  }
}

/** How many checks have failed. */
export function failed() {
  return failures;
}
