import { html, nothing, render } from 'lit';
import { parseMoment } from '../places/moment.ts';
import { formatMinute } from '../units.ts';

export interface TimeDialogOptions {
  readonly dialog: HTMLDialogElement;
  /** When the feed was last open. */
  seenMs(): number | undefined;
  goToTime(ms: number): void;
  goToSeen(): void;
}

/** Asks which moment to go to. */
export class TimeDialog {
  readonly #options: TimeDialogOptions;
  #isWrong = false;

  constructor(options: TimeDialogOptions) {
    this.#options = options;
  }

  open(): void {
    this.#isWrong = false;
    this.#draw();
    this.#options.dialog.showModal();
  }

  #draw(): void {
    const { dialog, seenMs, goToSeen } = this.#options;
    const seen = seenMs();
    render(
      html`<h2>Go to a time</h2>
        <form method="dialog" @submit=${(event: SubmitEvent) => this.#submit(event)}>
          <input type="text" name="time" aria-label="Time" aria-describedby="time-hint" placeholder="14:02" autocomplete="off" />
          <button type="submit" class="button main">Go</button>
        </form>
        <p class="hint" id="time-hint">
          ${this.#isWrong ? html`<span class="trouble">That is no time. </span>` : nothing}14:02, 2026-11-23 14:02:30, or 15m for 15
          minutes ago; by the times that the lines tell.
        </p>
        ${
          seen === undefined
            ? nothing
            : html`<p class="hint">
              <button type="button" class="link" @click=${() => this.#leave(goToSeen)}>Where the feed was left at ${formatMinute(seen)}</button>
            </p>`
        }`,
      dialog,
    );
  }

  #submit(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.#options.dialog.querySelector('input');
    const ms = parseMoment(input?.value ?? '', Date.now());
    this.#isWrong = ms === undefined;
    if (ms === undefined) this.#draw();
    else this.#leave(() => this.#options.goToTime(ms));
  }

  #leave(go: () => void): void {
    this.#options.dialog.close();
    go();
  }
}
