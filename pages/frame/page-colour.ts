/** One of the style sheet's colours as it is now, light or dark, for what draws by itself. */
export function pageColour(name: `--${string}`): string {
  // The colour itself is only told of what bears it; the name alone still holds both, light and dark.
  const bearer = document.createElement('span');
  bearer.style.color = `var(${name})`;
  document.body.append(bearer);
  const { color } = getComputedStyle(bearer);
  bearer.remove();
  return color;
}

/** Calls whenever light becomes dark, or dark light. */
export function onOtherColours(changed: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}
