// The token of a service that asks for one: kept for this tab, and asked of the person when a call is refused.

import { byId } from './dom.js';
import { forget, recall, remember } from './place.js';

/** The token, where the person has given one. */
export function token() {
  return recall('token');
}

/** The headers, with the token where there is one. */
export function authorized(headers = {}) {
  return token() ? { ...headers, Authorization: `Bearer ${token()}` } : headers;
}

let asking = null;
let declined = false;

/**
 * Whether there is another token than the one that was `refused`: the person is asked for it, once for all
 * calls that wait, and no more in this page after a refusal to give one.
 */
export async function otherToken(refused) {
  if (token() !== refused) return true;
  if (declined) return false;
  asking ??= ask(refused).finally(() => (asking = null));
  return asking;
}

function ask(refused) {
  forget('token');
  const [dialog, field] = [byId('token-dialog'), byId('token')];
  byId('token-refused').hidden = !refused;
  field.value = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const given = dialog.returnValue === 'given' ? field.value.trim() : '';
        field.value = '';
        dialog.returnValue = '';
        declined = !given;
        if (given) remember('token', given);
        resolve(Boolean(given));
      },
      { once: true },
    );
  });
}

export function prepareTokenDialog() {
  byId('token-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (byId('token').value.trim()) byId('token-dialog').close('given');
  });
  byId('token-cancel').addEventListener('click', () => byId('token-dialog').close());
}
