// The service between a chatting client and a model server that somebody else wrote (aimock).

import assert from 'node:assert/strict';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LLMock } from '@copilotkit/aimock';
import { WebSocket } from 'ws';
import { check, startServer, stop, until, within } from './support.mjs';
import { answered, isLast, refused } from './turn.mjs';

const FIXTURES = fileURLToPath(new URL('model.json', import.meta.url));
const MODEL = 'some-model';
/** Errors of the model server quote it, as OpenAI's do. */
const KEY = 'sk-of-this-test';

async function open(url, mock) {
  const socket = new WebSocket(url);
  let frames = [];
  socket.on('message', (data) => frames.push(JSON.parse(data)));
  await within(5, 'a socket', once(socket, 'open'));
  return {
    close: () => socket.close(),
    send: (message) => socket.send(JSON.stringify(message)),
    frame: (found) => until(10, 'a frame', () => frames.find(found)),
    /** The frames of a whole turn; the journal holds what it took. */
    async ask(content, meanwhile = () => {}) {
      frames = [];
      mock.clearRequests();
      this.send({ content });
      await meanwhile();
      await until(15, `the answer to "${content}"`, () => frames.some(isLast));
      return frames;
    },
  };
}

export async function model(binary) {
  // Its journal hides the key, and does not say when a client hangs up.
  const calls = [];
  subscribe('http.server.request.start', ({ request, response }) => {
    const call = { authorization: request.headers.authorization, hungUp: false };
    response.on('close', () => (call.hungUp = !response.writableFinished));
    if (request.url === '/v1/chat/completions') calls.push(call);
  });
  const mock = new LLMock({ port: 0, strict: true }).loadFixtureFile(FIXTURES);
  const url = await mock.start();
  const env = { OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: MODEL, OPENAI_API_KEY: KEY };
  const server = await startServer(binary, env);
  const chat = (session) => open(`${server.ws}/${session}`, mock);
  const requests = () => mock.getRequests().map(({ body }) => body);

  await check('model: its answer is streamed', async () => {
    const frames = await (await chat('memory')).ask('Who are you?');
    const { mode, content } = answered(frames, 'Who are you?');
    assert.equal(mode, 'model');
    assert.match(content, /^I am the Explorer .* ľúbozvučne aj po slovensky\.$/);
    assert.ok(frames.filter(({ type }) => type === 'agent_partial').length > 1, 'one partial at most');
  });
  await check('model: it is asked as the settings say, with the tools', () => {
    const [request, ...more] = requests();
    assert.deepEqual([request?.model, request?.stream, more], [MODEL, true, []]);
    assert.deepEqual(request.messages.map(({ role }) => role), ['system', 'user']);
    assert.equal(calls[0].authorization, `Bearer ${KEY}`);
    const { parameters } = request.tools.find((tool) => tool.function.name === 'list_tables').function;
    assert.deepEqual([parameters.type, Object.keys(parameters.properties)], ['object', ['schema', 'type']]);
  });
  await check('model: it knows what was said before the client reconnected', async () => {
    const frames = await (await chat('memory')).ask('What did I ask?');
    assert.equal(answered(frames, 'What did I ask?').content, 'You asked who I am.');
    const [, question, answer, ...rest] = requests()[0].messages;
    assert.deepEqual(question, { role: 'user', content: 'Who are you?' });
    assert.match(answer.content, /^I am the Explorer/);
    assert.equal(rest.length, 1);
  });
  await check('model: it looks tables up', async () => {
    const frames = await (await chat('tools')).ask('Where are shipments?');
    const told = frames.filter(({ type }) => type === 'tool').map(({ tool_name, content }) => [tool_name, content]);
    assert.deepEqual(told, [['list_tables', 'Calling list_tables with schema=dm_bs_logistics']]);
    const { mode, content } = answered(frames, 'Where are shipments?');
    assert.deepEqual([mode, content], ['model', 'Shipments are in `dm_bs_logistics.factv_shipment`.']);
    const [call, result] = requests()[1].messages.slice(-2);
    assert.equal(result.role, 'tool');
    assert.equal(result.tool_call_id, call.tool_calls[0].id);
    assert.doesNotMatch(result.content, /dm_bs_purchase/);
    JSON.parse(result.content);
  });
  await check('model: two look-ups at once, each with its own result', async () => {
    const frames = await (await chat('parallel')).ask('Compare the suppliers');
    const told = frames.filter(({ type }) => type === 'tool').map((frame) => frame.tool_name);
    assert.deepEqual(told, ['get_table_details', 'get_lineage']);
    assert.equal(answered(frames, 'Compare the suppliers').mode, 'model');
    const [call, ...results] = requests()[1].messages.slice(-3);
    const ids = ['call_supplier', 'call_lineage'];
    assert.deepEqual(call.tool_calls.map(({ id }) => id), ids);
    assert.deepEqual(results.map((result) => result.tool_call_id), ids);
    assert.match(results[0].content, /dm_bs_purchase\.dimv_supplier/);
    assert.match(results[1].content, /dm_ba_purchase\.dimv_supplier/);
  });
  await check('model: too busy, it is asked again, then the embedded explorer answers', async () => {
    const frames = await (await chat('busy')).ask('Are you too busy?');
    assert.equal(answered(frames, 'Are you too busy?').mode, 'embedded');
    assert.doesNotMatch(JSON.stringify(frames), new RegExp(KEY));
    const asked = requests().length;
    assert.ok(asked > 1 && asked <= 4, `asked ${asked} times`);
  });
  await check('model: a refused key is said to be the operator’s concern, and is not told', async () => {
    const frames = await (await chat('key')).ask('Is this the wrong key?');
    refused(frames, 'Is this the wrong key?', 'model_misconfigured');
    assert.doesNotMatch(JSON.stringify(frames), new RegExp(KEY));
    assert.equal(requests().length, 1, 'asked again');
  });
  await check('model: broken off in the middle, the answer is interrupted and the chat goes on', async () => {
    const client = await chat('broken');
    const frames = await client.ask('Please break off');
    refused(frames, 'Please break off', 'interrupted');
    assert.match(frames.at(-2).content, /^The tables/, 'what was shown before');
    assert.equal(requests().length, 1, 'asked again after text was shown');
    assert.equal(answered(await client.ask('Who are you?'), 'Who are you?').mode, 'model');
  });
  await check('model: broken off before a word, the embedded explorer answers', async () => {
    const frames = await (await chat('silent')).ask('Please say nothing');
    assert.equal(answered(frames, 'Please say nothing').mode, 'embedded');
  });
  const shown = ({ type, content }) => type === 'agent_partial' && content;
  await check('model: cancelling stops its answer', async () => {
    const client = await chat('cancel');
    const frames = await client.ask('Please take your time', async () => {
      await client.frame(shown);
      client.send({ type: 'cancel' });
    });
    refused(frames, 'Please take your time', 'cancelled');
    await until(1, 'the end of the call', () => calls.at(-1).hungUp);
  });
  await check('model: leaving stops its answer', async () => {
    const client = await chat('leave');
    client.send({ content: 'Please take your time' });
    await client.frame(shown);
    assert.equal(calls.at(-1).hungUp, false);
    client.close();
    await until(1, 'the end of the call', () => calls.at(-1).hungUp);
  });
  await check('model: the log tells of the failures and not the key, and the server is none the worse', async () => {
    assert.equal(await stop(server), 0, server.said);
    assert.ok(server.said.includes('model: '), 'the log says nothing of the failures');
    assert.ok(!server.said.includes(KEY), 'the log holds the key');
  });
  await mock.stop();
}
