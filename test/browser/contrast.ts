/** Red, green, blue and alpha, 0 to 1. */
type Colour = readonly [number, number, number, number];

/**
 * The contrast of an element's text with what it stands on, computed from the colours and opacities of what it lies in. Undefined where
 * something else may be the ground: an image, a pseudo-element that is positioned and no mere sign, an element that lies between. Runs in the page.
 */
export function contrastOf(element: Element): number | undefined {
  const chain: Element[] = [];
  for (let at: Element | null = element; at !== null; at = at.parentElement) chain.unshift(at);
  if (chain.some(hasOtherGround) || liesOnAnother(element)) return undefined;
  const [text, ground] = painted(chain, [1, 1, 1, 1]);
  const [lighter = 0, darker = 0] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);

  function hasOtherGround(each: Element): boolean {
    if (getComputedStyle(each).backgroundImage !== 'none') return true;
    return ['::before', '::after'].some((pseudo) => {
      const { content, position, backgroundColor, width, height } = getComputedStyle(each, pseudo);
      const isPainted = content !== 'none' && content !== 'normal' && alphaOf(backgroundColor) > 0;
      const isSign = Number.parseFloat(width) <= 8 && Number.parseFloat(height) <= 8;
      return isPainted && !isSign && (position === 'absolute' || position === 'fixed');
    });
  }

  /** Text that is out of sight stands on what it lies in. */
  function liesOnAnother(each: Element): boolean {
    const range = document.createRange();
    range.selectNodeContents(each);
    const { left, top, width, height } = range.getBoundingClientRect();
    const stack = document.elementsFromPoint(left + width / 2, top + height / 2);
    const at = stack.indexOf(each);
    for (const below of at < 0 ? [] : stack.slice(at)) {
      const alpha = alphaOf(getComputedStyle(below).backgroundColor);
      if (!below.contains(each) && alpha > 0) return true;
      if (below.contains(each) && alpha === 1) return false;
    }
    return false;
  }

  /** The colour of the text and of the ground, where `behind` is what the first of them lies on. */
  function painted([first, ...inner]: readonly Element[], behind: Colour): [text: Colour, ground: Colour] {
    if (first === undefined) return [behind, behind];
    const { backgroundColor, color, opacity } = getComputedStyle(first);
    const own = over(parsed(backgroundColor), behind);
    const [text, ground] = inner.length === 0 ? [over(parsed(color), own), own] : painted(inner, own);
    const share = Number(opacity);
    return [over(faded(text, share), behind), over(faded(ground, share), behind)];
  }

  function faded([red, green, blue, alpha]: Colour, share: number): Colour {
    return [red, green, blue, alpha * share];
  }

  function over([red, green, blue, alpha]: Colour, [red2, green2, blue2]: Colour): Colour {
    const rest = 1 - alpha;
    return [red * alpha + red2 * rest, green * alpha + green2 * rest, blue * alpha + blue2 * rest, 1];
  }

  function alphaOf(colour: string): number {
    return parsed(colour)[3];
  }

  /** Computed colours are rgb(), of 255, or color(srgb), of 1. */
  function parsed(colour: string): Colour {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/-?[\d.]+(e-?\d+)?/g) ?? []).map(Number);
    const whole = colour.startsWith('rgb') ? 255 : 1;
    if (whole === 1 && !colour.startsWith('color(srgb ')) throw new Error(`the colour ${colour} is in no form known here`);
    return [red / whole, green / whole, blue / whole, alpha];
  }

  /** WCAG 2.2, relative luminance. */
  function luminance([...parts]: Colour): number {
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
}
