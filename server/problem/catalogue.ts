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
  'unknown-feed': { status: 404, title: 'There is no such feed', advice: 'GET /feeds lists the feeds there are.' },
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
  'not-acceptable': {
    status: 406,
    title: 'None of the accepted formats can be given',
    advice: 'Accept text/event-stream, application/x-ndjson or text/plain, or use ?format=.',
  },
  'precondition-failed': {
    status: 412,
    title: 'The file is not the one that the condition names',
    advice: 'Ask again without the condition, or with the ETag that the file has now.',
  },
  'range-not-satisfiable': {
    status: 416,
    title: 'The range lies outside the file',
    advice: 'Ask for bytes below the length in Content-Range.',
  },
  internal: { status: 500, title: 'The service failed', advice: 'The service log (feed livefeed/log) has the cause.' },
  unavailable: {
    status: 503,
    title: 'The service cannot take this request now',
    advice: 'Try again after the time in Retry-After.',
  },
} as const satisfies Record<string, { status: number; title: string; advice: string }>;

export type ProblemCode = keyof typeof catalogue;
