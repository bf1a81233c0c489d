declare module 'launchdarkly-eventsource' {
  /** The package has no types; this is the part that the tests use. */
  export class EventSource {
    constructor(url: string);
    addEventListener(type: string, listener: (event: { readonly data: string; readonly lastEventId: string }) => void): void;
    close(): void;
  }
}
