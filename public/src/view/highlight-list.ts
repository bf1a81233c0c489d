import { html, nothing } from 'lit';
import type { HighlightRule } from '../log/highlights.ts';

/** The texts that are coloured, each with the way to be rid of it. */
export function highlightList(rules: readonly HighlightRule[], toggle: (text: string) => void) {
  if (rules.length === 0) return nothing;
  return html`<div class="rules" role="group" aria-label="Highlights">
    <span class="rules-title">Highlights</span>
    ${rules.map(
      ({ text, colour }) => html`<button
        type="button"
        class="rule"
        data-colour=${colour}
        aria-label=${`Stop highlighting ${text}`}
        title=${`${text}: stop highlighting it`}
        @click=${() => toggle(text)}
      >
        <span>${text}</span> ×
      </button>`,
    )}
  </div>`;
}
