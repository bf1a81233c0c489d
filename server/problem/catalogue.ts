/** Every refusal this service can give. Codes are stable: clients may switch on them. `advice` says what the caller can do. */
export const catalogue = {
  'bad-request': { status: 400, title: 'The request cannot be understood', advice: 'Mend what the detail names and ask again.' },
  'bad-parameter': {
    status: 400,
    title: 'A query parameter has a bad value',
    advice: 'Give the parameter a value of the form that the detail names.',
  },
  'bad-feed-name': {
    status: 400,
    title: 'That is not a feed name',
    advice: 'Use segments of A-Z a-z 0-9 . _ - joined by /, at most 200 bytes.',
  },
  'bad-file-name': {
    status: 400,
    title: 'That is not a file name',
    advice: 'Name a file below the root, without "..", NUL or a backslash.',
  },
  'bad-event': {
    status: 400,
    title: 'That cannot be published',
    advice:
      'Mend the place that the detail names. Text is UTF-8, JSON is that of RFC 8259, types that begin with "feed." are ours.',
  },
  'foreign-host': {
    status: 403,
    title: 'The Host of this request is not ours',
    advice: 'Use the address that the service printed, or allow the name with --allow-host.',
  },
  'foreign-origin': {
    status: 403,
    title: 'Requests from this web page are refused',
    advice: 'Allow the origin of the page with --cors ORIGIN.',
  },
  'local-only': {
    status: 403,
    title: 'Only this machine may ask that',
    advice: 'Ask from the machine that the service runs on, at its own address and not through a proxy.',
  },
  'reserved-name': {
    status: 403,
    title: 'Feeds of this name are the service’s own',
    advice: 'Choose another name: those that begin with livefeed/ are taken.',
  },
  'unknown-feed': { status: 404, title: 'There is no such feed', advice: 'GET /feeds lists the feeds there are.' },
  'unknown-connection': {
    status: 404,
    title: 'There is no such connection',
    advice:
      'Use the id of the feed.open that the connection got, or (DELETE) one of GET /connections, for as long as it is open.',
  },
  'unknown-file': {
    status: 404,
    title: 'There is no such file',
    advice: 'Check the name; folders, devices, hidden files and links out of the root are not served.',
  },
  'unknown-path': {
    status: 404,
    title: 'There is nothing at this address',
    advice: 'See docs/protocol.md for the addresses there are.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This address does not take that method',
    advice: 'Use one of the methods in the Allow header.',
  },
  'not-publishable': {
    status: 405,
    title: 'This feed can only be read',
    advice: 'Publish to a feed of another name; the first event makes it.',
  },
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted formats can be given',
    advice: 'Accept text/event-stream, application/x-ndjson or text/plain, or use ?format=.',
  },
  'publisher-idle': {
    status: 408,
    title: 'The rest of the request has not come',
    advice:
      'Send it at once, or go on where the last acknowledgement ends. An empty line (ndjson) or a comment (sse) now and then keeps a stream open.',
  },
  'feed-gone': {
    status: 409,
    title: 'The feed was removed meanwhile',
    advice: 'Publish again: the first event makes a new feed.',
  },
  'precondition-failed': {
    status: 412,
    title: 'The file is not the one that the condition names',
    advice: 'Ask again without the condition, or with the ETag that the file has now.',
  },
  'not-head': {
    status: 412,
    title: 'The condition of the request does not hold',
    advice: 'Read what has come since, then publish with the head that the document names, or without the condition.',
  },
  'event-too-large': {
    status: 413,
    title: 'The event is too large',
    advice: 'Publish at most 1 MiB at once.',
  },
  'too-many-values': {
    status: 413,
    title: 'The field has too many values',
    advice: 'Choose a field with fewer values, or begin later with since=.',
  },
  'unsupported-body': {
    status: 415,
    title: 'A body of this kind cannot be published',
    advice: 'Send text or JSON as it is, in UTF-8.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'The range lies outside the file',
    advice: 'Ask for bytes below the length in Content-Range.',
  },
  'key-reused': {
    status: 422,
    title: 'The idempotency key belongs to another event',
    advice: 'Use a new key for each event, and the same key only to send the same event again.',
  },
  'too-many-connections': {
    status: 429,
    title: 'There are as many connections from this address as there may be',
    advice: 'Close some, or read several feeds on one (GET /events), and try again after the time in Retry-After.',
  },
  internal: { status: 500, title: 'The service failed', advice: 'The service log (feed livefeed/log) has the cause.' },
  'write-failed': {
    status: 500,
    title: 'The event could not be kept',
    advice: 'Publish it again, with the same Idempotency-Key. The service log (feed livefeed/log) has the cause.',
  },
  overloaded: {
    status: 503,
    title: 'The service has as much to do as it can',
    advice: 'Try again after the time in Retry-After.',
  },
  unavailable: {
    status: 503,
    title: 'The service cannot take this request now',
    advice: 'Try again after the time in Retry-After.',
  },
  'too-many-filters': {
    status: 503,
    title: 'The feed is read through as many filters as it may be',
    advice: 'Use a filter that others use, or try again later. Readers with the same filter count once.',
  },
  'disk-full': {
    status: 507,
    title: 'There is no room for the event',
    advice: 'Make room on the disk of the data folder, or keep less (PUT), then publish again.',
  },
  'too-many-feeds': {
    status: 507,
    title: 'There are as many feeds as there may be',
    advice: 'Remove some (DELETE), or raise --max-feeds.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof catalogue;
