// Where the person is: kept in the address, so that a reload or a shared link leads back.

/** The view and its parameters, as the address says them. */
export function place() {
  const [, view, rest] = /^#\/([a-z]*)(?:\?(.*))?$/s.exec(location.hash) ?? [];
  return { view: view || 'request', params: Object.fromEntries(new URLSearchParams(rest ?? '')) };
}

/** The address of a view. */
export function address(view, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return `#/${view}${given.length ? `?${new URLSearchParams(given)}` : ''}`;
}

/** Goes there, as a step that the browser's Back undoes. */
export function go(view, params) {
  location.hash = address(view, params);
}

/** Changes the address in place, for what a person types or sets: no step for each key. */
export function amend(view, params) {
  history.replaceState(null, '', address(view, params));
}

/** Kept for this tab; without storage for as long as the page lives. */
const memory = new Map();

export function remember(key, value) {
  memory.set(key, value);
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Kept in memory.
  }
}

export function forget(key) {
  memory.delete(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Kept in memory only.
  }
}

export function recall(key) {
  try {
    return sessionStorage.getItem(key) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}
