/** The script of somebody else's page. */
// Every way that a page has to make its browser ask another server, each under a name that the server sees in the address.
// An attempt resolves to what the page got to know: `refused` where the browser says so, `blind` where it says nothing.
const service = new URLSearchParams(location.search).get('service');
const at = (attempt) => `${service}/feeds/a.log?attempt=${attempt}`;

const outcomes = {};
async function attempt(name, act) {
  try {
    outcomes[name] = await act(at(name));
  } catch {
    outcomes[name] = 'refused';
  }
}

/** Reads one piece of an answer: a stream that is held open would give one. */
async function firstPiece(response) {
  if (response.type === 'opaque') return 'blind';
  const { value } = await response.body.getReader().read();
  return `read ${response.status} ${new TextDecoder().decode(value)}`;
}

/** Puts an element into the page and waits for it to load or to fail. */
function element(tag, properties) {
  return new Promise((resolve) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.onload = () => resolve(tag === 'iframe' || tag === 'object' ? lookInto(node) : 'loaded');
    node.onloadeddata = () => resolve('loaded');
    node.onerror = () => resolve('refused');
    document.body.append(node);
  });
}

/** A frame loads its error page as well; only what can be read in it counts. */
function lookInto(frame) {
  try {
    return `read ${frame.contentDocument.body.textContent}`;
  } catch {
    return 'blind';
  }
}

function eventSource(url, options) {
  return new Promise((resolve) => {
    const source = new EventSource(url, options);
    source.onopen = () => resolve('opened');
    source.onmessage = ({ data }) => resolve(`read ${data}`);
    source.onerror = () => source.readyState === EventSource.CLOSED && resolve('refused');
  });
}

function form(url, method, enctype) {
  const frame = Object.assign(document.createElement('iframe'), { name: url });
  const sent = Object.assign(document.createElement('form'), { action: url, method, enctype, target: url });
  // A form that is sent with GET replaces the query of its address by its fields.
  const fields = method === 'get' ? new URL(url).searchParams : new URLSearchParams({ data: 'forged' });
  for (const [name, value] of fields) sent.append(Object.assign(document.createElement('input'), { name, value }));
  document.body.append(frame, sent);
  return new Promise((resolve) => {
    frame.onload = () => frame.contentWindow.length >= 0 && resolve('blind');
    sent.submit();
  });
}

function framed(html) {
  return new Promise((resolve) => {
    addEventListener('message', ({ data }) => data.framed === html && resolve(data.outcome));
    const report = `(outcome) => parent.postMessage({ framed: ${JSON.stringify(html)}, outcome }, '*')`;
    void element('iframe', {
      sandbox: 'allow-scripts',
      srcdoc: `<script>(${html}).then(() => 'read', () => 'refused').then(${report})</${'script'}>`,
    });
  });
}

function ping(url) {
  const link = Object.assign(document.createElement('a'), { href: '#', ping: url });
  document.body.append(link);
  link.click();
  return 'blind';
}

function worker(url) {
  return new Promise((resolve) => {
    const code = `try { importScripts(${JSON.stringify(url)}); postMessage('read') } catch { postMessage('refused') }`;
    new Worker(URL.createObjectURL(new Blob([code]))).onmessage = ({ data }) => resolve(data);
  });
}

function webSocket(url) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http:', 'ws:'));
    socket.onopen = () => resolve('opened');
    socket.onerror = () => resolve('refused');
  });
}

const text = { method: 'POST', body: 'forged', headers: { 'Content-Type': 'text/plain' } };
const json = { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } };
globalThis.outcomes = outcomes;
globalThis.attempts = [
  // to read
  attempt('fetch', async (url) => firstPiece(await fetch(url))),
  attempt('fetch-with-cookies', async (url) => firstPiece(await fetch(url, { credentials: 'include' }))),
  attempt('fetch-resume', async (url) => firstPiece(await fetch(url, { headers: { 'Last-Event-ID': 'x' } }))),
  attempt('fetch-redirected', async (url) => firstPiece(await fetch(`/redirect?to=${encodeURIComponent(url)}`))),
  attempt('event-source', (url) => eventSource(url)),
  attempt('event-source-with-cookies', (url) => eventSource(url, { withCredentials: true })),
  attempt('web-socket', webSocket),
  attempt('import', (url) => import(url).then(() => 'read')),
  attempt('worker', worker),
  attempt('sandboxed-frame', (url) => framed(`fetch(${JSON.stringify(url)})`)),
  // to hold open
  attempt('fetch-blind', async (url) => firstPiece(await fetch(url, { mode: 'no-cors' }))),
  attempt('image', (src) => element('img', { src })),
  attempt('script', (src) => element('script', { src })),
  attempt('style', (href) => element('link', { rel: 'stylesheet', href })),
  attempt('video', (src) => element('video', { src, preload: 'auto' })),
  attempt('audio', (src) => element('audio', { src, preload: 'auto' })),
  attempt('frame', (src) => element('iframe', { src })),
  attempt('object', (data) => element('object', { data })),
  attempt('form-get', (url) => form(url, 'get', '')),
  // to publish
  attempt('fetch-post', async (url) => firstPiece(await fetch(url, text))),
  attempt('fetch-post-blind', async (url) => firstPiece(await fetch(url, { ...text, mode: 'no-cors' }))),
  attempt('fetch-post-json', async (url) => firstPiece(await fetch(url, json))),
  attempt('fetch-put', async (url) => firstPiece(await fetch(url, { method: 'PUT', body: 'forged' }))),
  attempt('fetch-delete', async (url) => firstPiece(await fetch(url, { method: 'DELETE' }))),
  attempt('fetch-post-stream', async (url) =>
    firstPiece(await fetch(url, { ...text, headers: { 'Content-Type': 'application/x-ndjson' } })),
  ),
  attempt('beacon', (url) => navigator.sendBeacon(url, 'forged') && 'blind'),
  attempt('ping', ping),
  attempt('form-post', (url) => form(url, 'post', 'application/x-www-form-urlencoded')),
  attempt('form-post-plain', (url) => form(url, 'post', 'text/plain')),
  attempt('form-post-multipart', (url) => form(url, 'post', 'multipart/form-data')),
];
