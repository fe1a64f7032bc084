// What every client may rely on in the frames of one turn: a question, and everything up to its answer.

import assert from 'node:assert/strict';

const TYPES = ['user', 'tool', 'agent_partial', 'agent', 'error'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const isLast = (frame) => ['agent', 'error'].includes(frame.type);

/** Checks the frames of an answered question; gives its last frame. */
export function answered(frames, question) {
  const last = frames.at(-1);
  assert.equal(last.type, 'agent', `the turn ends in ${JSON.stringify(last)}`);
  assert.ok(last.content.trim(), 'the answer is empty');
  assert.ok(['embedded', 'model'].includes(last.mode), `mode is ${last.mode}`);
  wellFormed(frames, question);
  return last;
}

/** Checks the frames of a question that is answered by an error; gives the error. */
export function refused(frames, question, code) {
  const last = frames.at(-1);
  assert.deepEqual([last.type, last.code], ['error', code], JSON.stringify(last));
  assert.ok(last.content.trim(), 'the error has no words');
  wellFormed(frames, question);
  return last;
}

function wellFormed(frames, question) {
  assert.deepEqual([frames[0].type, frames[0].content], ['user', question], 'the echo');
  assert.equal(frames.filter((frame) => frame.type === 'user').length, 1, 'echoes');
  assert.equal(frames.filter(isLast).length, 1, 'last frames');
  let partial = '';
  for (const frame of frames) {
    const { type, content, timestamp } = frame;
    assert.ok(TYPES.includes(type), `an unknown type: ${type}`);
    assert.equal(typeof content, 'string', `the content of ${type}`);
    assert.match(timestamp, TIME, `the timestamp of ${type}`);
    if (type === 'tool') assert.ok(frame.tool_name && content, JSON.stringify(frame));
    if (type === 'agent_partial') {
      assert.ok(content.startsWith(partial), `"${content}" does not go on from "${partial}"`);
      partial = content;
    }
  }
  const last = frames.at(-1);
  if (last.type === 'agent') {
    assert.ok(last.content.startsWith(partial), `the answer does not go on from "${partial}"`);
  }
}

/** Checks that no frame claims to be older than the one before it. */
export function inOrder(frames) {
  frames.reduce((before, frame) => {
    const { type, timestamp } = frame;
    const told = `${type} of ${timestamp} comes after ${before.type} of ${before.timestamp}`;
    assert.ok(timestamp >= before.timestamp, told);
    return frame;
  });
}
