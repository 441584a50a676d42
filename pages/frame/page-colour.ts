/** The current value of a colour of the style sheet, light or dark, for canvas drawing. */
export function pageColour(name: `--${string}`): string {
  // Only an element that uses the colour has the resolved value; the custom property still contains both variants.
  const bearer = document.createElement('span');
  bearer.style.color = `var(${name})`;
  document.body.append(bearer);
  const { color } = getComputedStyle(bearer);
  bearer.remove();
  return color;
}

/** Calls back whenever the colour scheme changes. */
export function onOtherColours(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
