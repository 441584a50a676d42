import { pageColour } from '../frame/page-colour.ts';

/** Examples are dark in both schemes: the colours of their syntax are fixed. */
const PANEL = { ground: '#14171c', card: '#1d2128', text: '#e9ecf2', failed: '#ff9b90', done: '#62d08d' };
/** Their text is white. */
const METHODS = {
  ...{ get: '#0b5cad', post: '#14713a', put: '#8a4b00', delete: '#b3261e', patch: '#8a4b00' },
  ...{ options: '#576174', head: '#576174', link: '#576174', basic: '#576174' },
};

/** Redoc's theme in our colours, light or dark. Redoc computes shades of them, so it needs their values. */
export function currentTheme(): object {
  const [text, faint, accent, line] = (['--text', '--faint', '--accent', '--line'] as const).map(pageColour);
  const [card, raised, go, stop] = (['--card', '--raised', '--go', '--stop'] as const).map(pageColour);
  const { fontFamily } = getComputedStyle(document.documentElement);
  const answer = (color: string | undefined, tabTextColor: string) => ({
    ...{ color, backgroundColor: raised, tabTextColor },
  });
  return {
    colors: {
      primary: { main: accent },
      success: { main: go },
      error: { main: stop },
      text: { primary: text, secondary: faint },
      border: { light: line, dark: line },
      gray: { 50: raised, 100: raised },
      responses: {
        success: answer(go, PANEL.done),
        error: answer(stop, PANEL.failed),
        redirect: answer(accent, PANEL.text),
        info: answer(accent, PANEL.text),
      },
      http: METHODS,
    },
    schema: {
      linesColor: line,
      typeNameColor: faint,
      typeTitleColor: faint,
      requireLabelColor: stop,
      nestedBackground: raised,
      arrow: { color: faint },
    },
    typography: {
      fontSize: '16px',
      fontFamily,
      headings: { fontFamily },
      links: { color: accent, visited: accent, hover: accent },
      code: { color: text, backgroundColor: raised, wrap: true },
    },
    sidebar: {
      backgroundColor: card,
      textColor: text,
      activeTextColor: accent,
      groupItems: { activeBackgroundColor: raised, activeTextColor: accent },
      level1Items: { activeBackgroundColor: raised, activeTextColor: accent },
      arrow: { color: faint },
    },
    rightPanel: {
      backgroundColor: PANEL.ground,
      textColor: PANEL.text,
      servers: { overlay: { backgroundColor: card, textColor: text }, url: { backgroundColor: raised } },
    },
    codeBlock: { backgroundColor: PANEL.card },
    fab: { backgroundColor: card, color: accent },
  };
}
