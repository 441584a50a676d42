/** The words with which signs in addresses and numbers are read out. */
export interface SignWords {
  readonly at: string;
  readonly dot: string;
  readonly hyphen: string;
  readonly underscore: string;
  readonly slash: string;
  readonly plus: string;
  /** Of a telephone number. */
  readonly extension: string;
}

const SIGN_WORDS: Readonly<Record<string, SignWords>> = {
  en: words('at', 'dot', 'dash', 'underscore', 'slash', 'plus', 'extension'),
  de: words('at', 'Punkt', 'Bindestrich', 'Unterstrich', 'Schrägstrich', 'plus', 'Durchwahl'),
  es: words('arroba', 'punto', 'guion', 'guion bajo', 'barra', 'más', 'extensión'),
  fr: words('arobase', 'point', 'tiret', 'tiret bas', 'barre oblique', 'plus', 'poste'),
  it: words('chiocciola', 'punto', 'trattino', 'trattino basso', 'barra', 'più', 'interno'),
  nl: words('apenstaartje', 'punt', 'streepje', 'liggend streepje', 'schuine streep', 'plus', 'toestel'),
  pt: words('arroba', 'ponto', 'hífen', 'sublinhado', 'barra', 'mais', 'ramal'),
};

/** Undefined if the words of the language are not known. */
export function signWords(language: string): SignWords | undefined {
  return SIGN_WORDS[language];
}

function words(...[at, dot, hyphen, underscore, slash, plus, extension]: readonly string[]): SignWords {
  return {
    at: at!,
    dot: dot!,
    hyphen: hyphen!,
    underscore: underscore!,
    slash: slash!,
    plus: plus!,
    extension: extension!,
  };
}
