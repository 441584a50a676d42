/**
 * Where a full stop ends no sentence, by language. The words are separated by blanks and written without their last full stop;
 * blanks inside an abbreviation are left out: `z.B` is "z. B." as well.
 */
interface LanguageData {
  /** Abbreviations after which a sentence goes on. */
  readonly inside?: string;
  /** Abbreviations with which a sentence may end: it does if the next word usually begins one. */
  readonly atEnd?: string;
  /** Abbreviations only before a number. */
  readonly beforeNumber?: string;
  /** Words that begin sentences and are no names. */
  readonly starters?: string;
  /** True if "3." means "third". */
  readonly ordinals?: boolean;
}

const LANGUAGES: Readonly<Record<string, LanguageData>> = {
  en: {
    inside:
      'Mr Mrs Ms Mx Messrs Dr Prof St Mt Ft Rev Hon Gen Col Lt Sgt Capt Cmdr Gov Sen Rep Pres Supt approx vs cf viz al incl excl ' +
      'dept est Ave Blvd Rd e.g i.e Ph.D',
    atEnd:
      'a.m p.m A.M P.M U.S U.S.A U.K U.N E.U D.C Inc Ltd Co Corp Bros Jr Sr Esq etc B.A M.A M.D B.C A.D hrs hr min sec ft lbs oz',
    beforeNumber:
      'No no Nos Vol vol pp p Fig fig Ch ch Sec ext Ext Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs ' +
      'Fri Sat Sun Art art Apt Rm Tel tel',
    starters:
      'I You He She It We They The A An This That These Those There Here My Your His Her Its Our Their What Which Who When Where Why ' +
      'How Is Are Was Were Do Does Did Can Could Would Should Shall Will May Might Must Have Has Had If And But Or So Then Please ' +
      'Yes No Not For In On At To From With By As After Before While Let Just Also However Thank Thanks Sorry Sure Okay Press Call ' +
      "Come Ask Say See I'm I'll I've I'd It's That's There's We're We'll We've You're You'll They're Don't Let's What's",
  },
  de: {
    inside:
      'Hr Hrn Fr Frl Dr Prof Dipl Ing Dr.-Ing Dipl.-Ing Dr.med Dr.jur St Sr z.B z.b d.h u.a i.d.R u.U u.v.m z.T z.Zt z.Hd i.A i.V o.ä ' +
      'v.a s.o s.u m.E bzw ca evtl ggf inkl exkl zzgl vgl sog bspw insb max min mind allg geb gest verh ehem Str Pl Bhf Hbf Mio Mrd ' +
      'Tsd Abt Tel Telefon-Nr Nr Nrn Hausnr Bd Kap Abs Art Jh Jhd Jan Feb Febr Apr Jul Aug Sept Okt Nov Dez Mo Di Mi Do Sa So gem lt',
    atEnd: 'usw etc u.s.w o.Ä u.Ä n.Chr v.Chr e.V e.K Co Std Min Sek',
    starters:
      'Ich Du Er Sie Es Wir Ihr Der Die Das Ein Eine Einen Dies Diese Dieser Dieses Mein Meine Unser Unsere Ihre Ihren Was Wer Wann Wo ' +
      'Wie Warum Welche Welcher Ist Sind War Hat Haben Kann Können Könnte Möchten Möchte Soll Sollen Wollen Darf Dürfen Bitte Danke Ja ' +
      'Nein Und Oder Aber Dann Danach Da Dort Hier Heute Morgen Wenn Falls Weil Dafür Dazu Damit Auch Nur Noch Gerne Gern Gut Vielen ' +
      'Leider Bis Ab Im In Am Um Auf Für Mit Von Zu Nach Drücken Sagen Rufen Kommen Klingeln Melden',
    ordinals: true,
  },
  fr: {
    inside:
      'M MM Mme Mmes Mlle Mlles Dr Pr Me Mgr St Ste av bd env cf c.-à-d p.ex éd vol chap N tél Tél janv févr avr juil sept oct nov déc',
    atEnd: 'etc S.A S.A.R.L Cie J.-C',
    starters:
      'Je Tu Il Elle On Nous Vous Ils Elles Le La Les Un Une Des Ce Cette Ces Mon Ma Votre Notre Quel Quelle Qui Que Quand Où Comment ' +
      "Pourquoi Est-ce Si Et Ou Mais Alors Donc Puis Oui Non Merci Bonjour Pour Dans En À Au Avec C'est C’est Il Avez Voulez Pouvez",
  },
  es: {
    inside:
      'Sr Sra Srta Sres Sras Dr Dra Dres D Dª Dña Prof Lic Ing Arq Ud Uds Vd Vds Av Avda C Ctra Pza Núm núm N.º p.ej p.e tel Tel aprox EE.UU EE',
    atEnd: 'etc S.A S.L a.m p.m a.C d.C S.R.L',
    starters:
      'Yo Tú Él Ella Usted Ustedes Nosotros Ellos El La Los Las Un Una Este Esta Eso Mi Su Nuestro Qué Quién Cuándo Dónde Cómo Cuál Por ' +
      'Para Si Sí No Y O Pero Entonces Gracias Hola Puede Tiene Está Es Hay Le En De Con',
  },
  it: {
    inside:
      'Sig Sigg Sig.ra Sig.na Dott Dott.ssa Prof Prof.ssa Ing Avv Arch Geom Rag Egr Gent.ma On S Spett Via V.le P.zza C.so n tel Tel pag ca p.es es',
    atEnd: 'ecc S.p.A S.r.l a.C d.C',
    starters:
      'Io Tu Lui Lei Noi Voi Loro Il Lo La I Gli Le Un Una Questo Questa Che Chi Quando Dove Come Perché Se Sì No E O Ma Allora Poi ' +
      'Grazie Può Può È Sono Ha Per In Con',
  },
  nl: {
    inside:
      'dhr Dhr mevr Mevr mw Mw mr drs dr Dr ir ing prof Prof ds St bijv d.w.z m.a.w o.a t.a.v i.v.m m.b.t a.u.b s.v.p t.e.m n.a.v ca evt incl excl nr tel Tel',
    atEnd: 'enz etc B.V N.V v.Chr n.Chr',
    starters:
      'Ik Jij Je U Hij Zij Ze Het Wij We Jullie De Een Dit Dat Deze Die Mijn Uw Ons Onze Wat Wie Wanneer Waar Hoe Waarom Is Kan Kunt ' +
      'Wilt Heeft Als En Of Maar Dan Ja Nee Bedankt Voor In Op Met',
  },
  pt: {
    inside:
      'Sr Sra Srs Sras Srta Dr Dra Drs Prof Profa Eng Exmo Exma V.Exa D Av R Pça Est tel Tel nº n p.ex aprox pág',
    atEnd: 'etc S.A Ltda Lda a.C d.C EUA',
    starters:
      'Eu Você Ele Ela Nós Vocês Eles O A Os As Um Uma Este Esta Isso Meu Seu Nosso Que Quem Quando Onde Como Qual Se Sim Não E Ou Mas ' +
      'Então Obrigado Obrigada Pode Tem Está É Há Em Para Por Com',
  },
  pl: {
    inside:
      'dr prof mgr inż hab im ul al pl os św tzn tzw np m.in ok tj tel Tel nr godz zł gr Sz.P p pp pt red wg ww',
    atEnd: 'itd itp r n.e p.n.e S.A Sp.z.o.o',
    starters:
      'Ja Ty On Ona My Wy Oni Pan Pani Państwo To Ten Ta Te Co Kto Kiedy Gdzie Jak Dlaczego Czy Jeśli I Ale Tak Nie Dziękuję Proszę W Na Do Z Dla',
    ordinals: true,
  },
  cs: {
    inside:
      'p pí sl MUDr JUDr Ing Mgr Bc PhDr RNDr doc prof sv ul nám tř tel Tel č např tzn tzv mj resp tj tis mil',
    atEnd: 'atd apod s.r.o a.s n.l',
    starters:
      'Já Ty On Ona My Vy Oni To Ten Ta Co Kdo Kdy Kde Jak Proč Pokud A Ale Ano Ne Děkuji Prosím V Na Do Pro',
    ordinals: true,
  },
  ru: {
    inside:
      'ул д кв просп пер пл корп стр тел Тел им т.е т.к т.н напр проф акад руб коп тыс млн млрд см ср рис гл обл р',
    atEnd: 'г гг т.д т.п др пр н.э',
    starters:
      'Я Ты Он Она Оно Мы Вы Они Это Этот Эта Что Кто Когда Где Как Почему Если И Но Или Да Нет Спасибо Пожалуйста В На Для Мой Ваш Наш',
  },
  sv: {
    inside: 'bl.a t.ex d.v.s dvs s.k f.d fr.o.m t.o.m m.fl ca kl tel nr st dr prof',
    atEnd: 'osv m.m etc',
  },
  da: { inside: 'bl.a f.eks dvs ca kl tlf nr hr fr dr prof St s.k', atEnd: 'osv m.m mv', ordinals: true },
  nb: { inside: 'bl.a f.eks dvs ca kl tlf nr hr fr dr prof St s.k', atEnd: 'osv m.m mv', ordinals: true },
  fi: { inside: 'esim ns ts mm n klo puh os prof tri St', atEnd: 'jne ym yms', ordinals: true },
  hu: { inside: 'dr Dr prof ifj id pl ún kb tel u utca St', atEnd: 'stb', ordinals: true },
  tr: {
    inside: 'Dr Prof Av Doç Sn Sok Cad Mah No Tel bkz örn yy',
    atEnd: 'vb vs A.Ş Ltd Şti',
    ordinals: true,
  },
};

/** Titles and abbreviations that are no words in other languages, whatever the language of the call is. */
const ALWAYS_INSIDE =
  'Mr Mrs Ms Dr Prof St Sr Sra Srta Hr Fr Mme Mlle Sig Dott dhr mevr Dr.-Ing Dipl.-Ing Ing MUDr z.B d.h u.a i.d.R bzw ca evtl ggf inkl vgl e.g i.e ' +
  'approx vs p.ej p.ex c.-à-d d.w.z bijv m.in т.е т.к ул Nr Tel Abs Mio Mrd';

/** Nouns after a German ordinal number; also at the start of a line, where "1. Mai" is no item of a list. */
export const FOLLOWS_ORDINAL: ReadonlySet<string> = new Set(
  (
    'Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember Stock Stockwerk Etage Geschoss ' +
    'Obergeschoss Untergeschoss OG UG FC SC SV Bundesliga Liga Klasse Quartal Halbjahr Kapitel Tag Woche Reihe Platz Tür Straße Advent ' +
    'Weihnachtstag Ostertag Stunde Person Termin Versuch Auflage'
  ).split(' '),
);
/** German words before an ordinal number. */
const BEFORE_ORDINAL =
  /(?:^|\s)(?:am|im|der|die|das|dem|den|des|vom|zum|zur|beim|bis|ab|seit|jeden|jeder|jedes)\s+\d{1,2}\.$/iu;

/** `unknown`: the next word is not complete. */
export type FalseEnd = 'yes' | 'no' | 'unknown';

const NEXT_WORD = /^[\s"'“„«(¿¡]*([\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*)/u;
/** One letter, or several letters with full stops: an initial or an abbreviation. */
const INITIAL = /(?:^|[\s("'“„«.-])[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]\p{M}*\.$/u;

const PLAIN_END = /(?:^|[\s"'“„«(])([\p{L}\p{M}'’-]{3,})\.["'”’»)\]]*$/u;
const ABBREVIATIONS = wordSet(
  ...Object.values(LANGUAGES).flatMap(({ inside, atEnd, beforeNumber }) => [inside, atEnd, beforeNumber]),
);

/** Knows where a full stop ends no sentence in one language. */
export class SentenceLanguage {
  readonly #inside: ReadonlySet<string>;
  readonly #atEnd: ReadonlySet<string>;
  readonly #beforeNumber: ReadonlySet<string>;
  readonly #starters: ReadonlySet<string>;
  readonly #ordinals: boolean;

  /** Abbreviations of English are always known. */
  constructor(language = 'en') {
    const code = language.slice(0, 2).toLowerCase();
    const own = LANGUAGES[code === 'no' || code === 'nn' ? 'nb' : code] ?? {};
    const english = LANGUAGES['en']!;
    this.#inside = wordSet(own.inside, english.inside, ALWAYS_INSIDE);
    this.#atEnd = wordSet(...Object.values(LANGUAGES).map(({ atEnd }) => atEnd));
    this.#beforeNumber = wordSet(own.beforeNumber, english.beforeNumber);
    this.#starters = wordSet(...Object.values(LANGUAGES).map(({ starters }) => starters));
    this.#ordinals = own.ordinals ?? false;
  }

  /** True for `head`, which ends in a full stop, if `next` belongs to the same sentence. */
  isFalseEnd(head: string, next: string, ended: boolean): FalseEnd {
    if (!head.endsWith('.') || head.endsWith('..')) return 'no';
    const abbreviation = this.#abbreviation(head);
    if (abbreviation === 'inside') return 'yes';
    const isOrdinal = /(?:^|[\s(])\d{1,2}\.$/u.test(head);
    if (abbreviation === 'none' && !isOrdinal && !INITIAL.test(head)) return 'no';
    const word = NEXT_WORD.exec(next);
    const isComplete = word !== null && word[0].length < next.length;
    if (!isComplete && !ended) return 'unknown';
    const first = word?.[1] ?? '';
    if (abbreviation === 'before-number') return /^\p{N}/u.test(first) ? 'yes' : 'no';
    const isInitial = next[word?.[0].length ?? 0] === '.' && first.length === 1;
    if (this.#starters.has(first) && !isInitial) return 'no';
    if (!isOrdinal || isListNumber(head)) return 'yes';
    return this.#ordinals || FOLLOWS_ORDINAL.has(first) || BEFORE_ORDINAL.test(head) ? 'yes' : 'no';
  }

  /** True if `head` ends in a full stop after a word that is an abbreviation in no language. */
  isPlainEnd(head: string): boolean {
    const word = PLAIN_END.exec(head)?.[1];
    return word !== undefined && !ABBREVIATIONS.has(word);
  }

  #abbreviation(head: string): 'inside' | 'at-end' | 'before-number' | 'none' {
    // Parts of an abbreviation may have blanks between them: "z. B.", "i. d. R."
    const spaced = /(?:^|[\s("'“„«])((?:\p{L}{1,5}\.\s?){2,5})$/u.exec(head)?.[1];
    const token = /[^\s("'“„«]+$/u.exec(head)?.[0] ?? '';
    for (const one of [token, ...(spaced === undefined ? [] : tailsOf(spaced))]) {
      const word = one.replace(/\s/gu, '').slice(0, -1);
      if (this.#inside.has(word)) return 'inside';
      if (this.#atEnd.has(word)) return 'at-end';
      if (this.#beforeNumber.has(word)) return 'before-number';
    }
    return 'none';
  }
}

/** "We have: 1. Billing 2. Support" */
function isListNumber(head: string): boolean {
  const number = Number(/(\d+)\.$/u.exec(head)?.[1]);
  return /[:;]\s*\d+\.$/u.test(head) || new RegExp(`(?:^|\\s)${number - 1}\\.\\s`, 'u').test(head);
}

/** `i. d. R.`, `d. R.`, `R.` */
function tailsOf(spaced: string): string[] {
  const parts = spaced
    .trim()
    .split(/(?<=\.)\s*/u)
    .filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(index).join(''));
}

function wordSet(...lists: readonly (string | undefined)[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list?.split(' ') ?? []));
}
