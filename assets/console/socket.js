// The connection of a chat: opened again when it breaks, each time after a longer pause, and honest about it.
// What the service says in between is not lost: frames are numbered, and the next connection asks for those
// after the last one seen.

import { absolute, url } from './api.js';
import { otherToken, token } from './authorization.js';

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000, 30000];
/** A connection that never opens is given up after this. */
const OPENING_MS = 10000;
/** A connection that lasts this long was a good one. */
const STABLE_MS = 5000;
/** Why the service has closed, where it is worth coming back. */
const PASSING = {
  1001: 'The service is restarting.',
  1012: 'The service is restarting.',
  1013: 'The service is full.',
};
/** And where the next connection would end in the same way. */
const FINAL = {
  1002: 'The connection was disturbed on its way.',
  1003: 'The connection was disturbed on its way.',
  1007: 'The connection was disturbed on its way.',
  1008: 'The service closed the connection: too many messages, or too slow a reader.',
  1009: 'The message was too large.',
  4001: 'This chat goes on in another window.',
};
const POLICY = 1008;
/** What the service says where it wants a token, or another one. */
const WANTS_TOKEN = /^(?:authenticate first|not authorized)/;

/** Tells `frame(frame)`, and `state(name, {seconds, why})` with `connecting`, `open`, `waiting` or `ended`. */
export class Connection {
  constructor(session, told) {
    Object.assign(this, { session, told, failures: 0, socket: null, seen: 0, ended: false });
    this.online = () => this.retry();
    addEventListener('online', this.online);
    this.#open();
  }

  /** Whether it was sent. */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Tries now what would be tried later. */
  retry() {
    if (!this.waiting && !this.ended) return;
    this.ended = false;
    clearInterval(this.waiting);
    this.waiting = null;
    this.#open();
  }

  close() {
    removeEventListener('online', this.online);
    clearInterval(this.waiting);
    this.waiting = null;
    this.closed = true;
    this.socket?.close(1000);
  }

  #open() {
    this.told.state('connecting', {});
    const target = absolute(url`ws/${this.session}`);
    target.protocol = target.protocol === 'https:' ? 'wss:' : 'ws:';
    target.searchParams.set('last_seq', this.seen);
    const socket = new WebSocket(target);
    this.socket = socket;
    const used = token();
    const overdue = setTimeout(() => socket.close(), OPENING_MS);
    socket.addEventListener('open', () => {
      clearTimeout(overdue);
      this.opened = Date.now();
      if (used) socket.send(JSON.stringify({ type: 'auth', token: used }));
      if (!this.closed) this.told.state('open', {});
    });
    socket.addEventListener('message', ({ data }) => {
      if (this.closed) return;
      const frame = JSON.parse(data);
      this.seen = frame.seq ?? this.seen;
      this.told.frame(frame);
    });
    socket.addEventListener('close', async ({ code, reason }) => {
      clearTimeout(overdue);
      // One that is cut off as soon as it is open counts as a failure, too.
      if (this.opened && Date.now() - this.opened > STABLE_MS) this.failures = 0;
      this.opened = null;
      if (this.closed) return;
      if (code === POLICY && WANTS_TOKEN.test(reason)) {
        if (await otherToken(used)) this.#open();
        else this.#end('The service asks for a token.');
      } else if (Object.hasOwn(FINAL, code)) this.#end(FINAL[code]);
      else this.#wait(PASSING[code] ?? 'Not connected.');
    });
  }

  /** Not opened again by itself. */
  #end(why) {
    this.ended = true;
    this.told.state('ended', { why });
  }

  #wait(why) {
    const pause = PAUSES[Math.min(this.failures, PAUSES.length - 1)] * (0.8 + Math.random() * 0.4);
    this.failures += 1;
    const due = Date.now() + pause;
    const tick = () => {
      const left = Math.ceil((due - Date.now()) / 1000);
      if (left > 0) this.told.state('waiting', { seconds: left, why });
      else this.retry();
    };
    this.waiting = setInterval(tick, 250);
    tick();
  }
}
