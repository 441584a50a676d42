/** How sentences go on, by language. Words and phrases are lower case; each list is separated by `|`. */
export interface UnfinishedWords {
  /** Words after which a sentence goes on: articles, conjunctions, possessives, hesitations. None that also ends sentences. */
  readonly words: ReadonlySet<string>;
  /** The same as regular expressions of several words, at the end of the text. */
  readonly phrases: RegExp;
  /** Phrases before a number that is read out, at the end of the words before it. */
  readonly numberIs: RegExp;
  /** Frequent words that tell the language. */
  readonly frequent: ReadonlySet<string>;
}

const list = (words: string): ReadonlySet<string> => new Set(words.split(' '));
const ending = (phrases: string): RegExp => new RegExp(`(^|\\s)(${phrases})$`, 'u');

export const UNFINISHED_WORDS: Readonly<Record<'en' | 'de' | 'es' | 'fr', UnfinishedWords>> = {
  en: {
    words: list(
      'a an the and or but because if when while whether although unless my your our their its every each between into ' +
        'than from um uh erm uhm hmm er',
    ),
    phrases: ending(
      '(number|name|address|code|pin|e-?mail|date|reference|question|problem|reason|order|birthday) (is|was|starts with)|' +
        "i (would like|want|need|have|tried|was going|am going) to|i'd like( to)?|i would like|can you|could you|" +
        'and (so|then)|as well as|such as|what about|how about|one of|because of|so that',
    ),
    numberIs: ending('(number|code|pin|reference) (is|was|starts with)( the)?'),
    frequent: list('the i you is and my to of it that have for can would like please what are do in a not'),
  },
  de: {
    words: list(
      'des ein eine einen einem einer eines und oder aber weil wenn dass ob obwohl sondern denn mein meine meinen ' +
        'meinem meiner dein deine ihre ihren unser unsere unseren kein keine keinen zum zur beim vom für ohne gegen durch ähm äh öhm',
    ),
    phrases: ending(
      '\\S*(nummer|name|adresse|anschrift|kennwort|code|pin|mail|mailadresse|datum|frage|problem|bestellung|geburtstag) (ist|lautet|war|beginnt mit)|' +
        'ich (möchte|würde|wollte|hätte) gerne?|ich (würde|wollte|hätte)|können sie|könnten sie|haben sie|gibt es|und (dann|zwar)|so ?wie|zum beispiel|sowohl|entweder',
    ),
    numberIs: ending('\\S*(nummer|code|pin|kennung|postleitzahl) (ist|lautet|war|beginnt mit)( die)?'),
    frequent: list(
      'ich sie der die das und ist nicht ein eine mit für auf habe wie was bitte es zu von den kann',
    ),
  },
  es: {
    words: list(
      'el la los las un una unos unas y o u pero porque que si cuando aunque mi mis tu su sus nuestro nuestra de del al a en con por para sin ' +
        'sobre entre desde hasta em eh',
    ),
    phrases: ending(
      '(número|nombre|dirección|código|clave|correo|fecha|pregunta|problema|pedido) (es|empieza por)|me llamo|quisiera|me gustaría|' +
        'necesito|tengo que|puede usted|podría|y (luego|entonces)|por ejemplo|así que',
    ),
    numberIs: ending('(número|código|pin|clave|teléfono) (es|era|empieza por)( el)?'),
    frequent: list('el la los que de y en un una por con para es no mi me se lo quiero gracias hola qué'),
  },
  fr: {
    words: list(
      'le la les un une des du de et ou mais parce que qui si quand lorsque comme mon ma mes ton votre vos notre nos son leur leurs au aux à ' +
        'dans avec sans pour par sur entre chez vers euh heu ben',
    ),
    phrases: ending(
      "(numéro|nom|adresse|code|e-?mail|mail|date|question|problème|commande) (est|c'est|commence par)|je m'appelle|je (voudrais|dois|suis|vais)|" +
        "j'ai|j'aimerais|pouvez-vous|pourriez-vous|est-ce que|il y a|et (puis|alors)|par exemple|afin de|c'est",
    ),
    numberIs: ending('(numéro|code|référence|téléphone) (est|c est|commence par)( le)?'),
    frequent: list('le la les de et je vous est un une pour que pas dans mon ma bonjour merci ce il en des'),
  },
};
