// The connection of a chat: opened again when it breaks, each time after a longer pause, and honest about it.

import { absolute, url } from './api.js';

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000, 30000];
/** A connection that never opens is given up after this. */
const OPENING_MS = 10000;
/** A connection that lasts this long was a good one. */
const STABLE_MS = 5000;
const CLOSED = {
  1001: 'The service is restarting.',
  1008: 'The service closed the connection: too many messages, or too slow a reader.',
  1009: 'The message was too large.',
};

/** Tells `frame(frame)`, and `state(name, {seconds, why})` with `connecting`, `open` or `waiting`. */
export class Connection {
  constructor(session, told) {
    Object.assign(this, { session, told, failures: 0, socket: null });
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
    if (!this.waiting) return;
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
    const socket = new WebSocket(target);
    this.socket = socket;
    const overdue = setTimeout(() => socket.close(), OPENING_MS);
    socket.addEventListener('open', () => {
      clearTimeout(overdue);
      this.opened = Date.now();
      if (!this.closed) this.told.state('open', {});
    });
    socket.addEventListener('message', ({ data }) => {
      if (!this.closed) this.told.frame(JSON.parse(data));
    });
    socket.addEventListener('close', ({ code }) => {
      clearTimeout(overdue);
      // One that is cut off as soon as it is open counts as a failure, too.
      if (this.opened && Date.now() - this.opened > STABLE_MS) this.failures = 0;
      this.opened = null;
      if (!this.closed) this.#wait(CLOSED[code] ?? 'Not connected.');
    });
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
