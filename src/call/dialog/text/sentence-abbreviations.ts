/**
 * Where a full stop ends no sentence, by language. The words are separated by blanks and written without their last full stop;
 * blanks inside an abbreviation are left out: `z.B` is "z. B." as well.
 */
export interface LanguageData {
  /** Abbreviations after which a sentence goes on. */
  readonly inside?: string;
  /** Abbreviations with which a sentence may end: it does if the next word usually begins one. */
  readonly atEnd?: string;
  /** Months and days of the week: as `atEnd`, but words in other languages. */
  readonly dates?: string;
  /** Abbreviations only before a number. */
  readonly beforeNumber?: string;
  /** Words that begin sentences and are no names. */
  readonly starters?: string;
  /** True if "3." means "third". */
  readonly ordinals?: boolean;
}

export const LANGUAGES: Readonly<Record<string, LanguageData>> = {
  en: {
    inside:
      'Mr Mrs Ms Mx Messrs Dr Prof St Mt Ft Rev Hon Gen Col Lt Sgt Capt Cmdr Gov Sen Rep Pres Supt approx vs cf viz al incl excl ' +
      'dept est Ave Blvd Rd Bldg Ste Hwy Pkwy deg e.g i.e',
    atEnd:
      'a.m p.m A.M P.M U.S U.S.A U.K U.N E.U D.C Inc Ltd Co Corp Bros Jr Sr Esq etc B.A M.A M.D Ph.D B.Sc M.Sc LL.M D.D.S B.C A.D hrs hr min sec ft lbs oz',
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
      'v.a s.o s.u m.E bzw ca evtl ggf inkl exkl zzgl vgl sog bspw insb abzgl bzgl betr entspr ggfs Fa Fam Gebr Univ stellv tägl ges jew ausschl einschl Dr.phil Dr.rer Dr.rer.nat Dr.h.c Priv.-Doz max min mind allg geb gest verh ehem Str Pl Bhf Hbf Mio Mrd ' +
      'Tsd Abt Tel Telefon-Nr Nr Nrn Hausnr Bd Kap Abs Art Jh Jhd gem lt',
    dates: 'Jan Feb Febr Apr Jun Jul Aug Sep Sept Okt Nov Dez Mo Di Mi Do Fr Sa So',
    atEnd: 'usw etc MwSt USt Uhrz u.s.w o.Ä u.Ä n.Chr v.Chr e.V e.K Co Std Min Sek',
    starters:
      'Ich Du Er Sie Es Wir Ihr Der Die Das Ein Eine Einen Dies Diese Dieser Dieses Mein Meine Unser Unsere Ihre Ihren Was Wer Wann Wo ' +
      'Wie Warum Welche Welcher Ist Sind War Hat Haben Kann Können Könnte Möchten Möchte Soll Sollen Wollen Darf Dürfen Bitte Danke Ja ' +
      'Nein Und Oder Aber Dann Danach Da Dort Hier Heute Morgen Wenn Falls Weil Dafür Dazu Damit Auch Nur Noch Gerne Gern Gut Vielen ' +
      'Leider Bis Ab Im In Am Um Auf Für Mit Von Zu Nach Drücken Sagen Rufen Kommen Klingeln Melden',
    ordinals: true,
  },
  fr: {
    inside: 'M MM Mme Mmes Mlle Mlles Dr Pr Me Mgr St Ste av bd env cf c.-à-d p.ex éd vol chap N tél Tél bât',
    dates: 'janv févr avr juil sept oct nov déc lun mar mer jeu ven sam dim',
    atEnd: 'etc S.A S.A.R.L Cie J.-C',
    starters:
      'Je Tu Il Elle On Nous Vous Ils Elles Le La Les Un Une Des Ce Cette Ces Mon Ma Votre Notre Quel Quelle Qui Que Quand Où Comment ' +
      "Pourquoi Est-ce Si Et Ou Mais Alors Donc Puis Oui Non Merci Bonjour Pour Dans En À Au Avec C'est C’est Il Avez Voulez Pouvez",
  },
  es: {
    inside:
      'Sr Sra Srta Sres Sras Dr Dra Dres D Dª Dña Prof Lic Ing Arq Ud Uds Vd Vds Av Avda C Ctra Pza Núm núm N.º p.ej p.e tel Tel aprox apto EE',
    atEnd: 'EE.UU etc S.A S.L a.m p.m a.C d.C S.R.L',
    starters:
      'Yo Tú Él Ella Usted Ustedes Nosotros Ellos El La Los Las Un Una Este Esta Eso Mi Su Nuestro Qué Quién Cuándo Dónde Cómo Cuál Por ' +
      'Para Si Sí No Y O Pero Entonces Gracias Hola Puede Tiene Está Es Hay Le En De Con',
  },
  it: {
    inside:
      'Sig Sigg Sig.ra Sig.na Dott Dott.ssa Prof Prof.ssa Ing Avv Arch Geom Rag Egr Gent.ma On S Spett Via V.le P.zza C.so n tel Tel pag ca p.es es ' +
      'sig sigg sig.ra sig.na dott dott.ssa prof prof.ssa ing avv arch geom rag',
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
      'Sr Sra Srs Sras Srta Dr Dra Drs Prof Profa Cia eng Eng Exmo Exma V.Exa D Av R Pça Est tel Tel nº n p.ex aprox pág',
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
      'p pí sl MUDr JUDr Ing Mgr Bc PhDr RNDr doc prof sv ul nám tř tel Tel č čp cca např tzn tzv mj resp tj tis mil',
    atEnd: 'atd apod s.r.o a.s n.l',
    starters:
      'Já Ty On Ona My Vy Oni To Ten Ta Co Kdo Kdy Kde Jak Proč Pokud A Ale Ano Ne Děkuji Prosím V Na Do Pro',
    ordinals: true,
  },
  ru: {
    inside:
      'ул наб обл пос мкр доц им д кв просп пер пл корп стр тел Тел им т.е т.к т.н напр проф акад руб коп тыс млн млрд см ср рис гл обл р',
    atEnd: 'г гг т.д т.п др пр н.э',
    starters:
      'Я Ты Он Она Оно Мы Вы Они Это Этот Эта Что Кто Когда Где Как Почему Если И Но Или Да Нет Спасибо Пожалуйста В На Для Мой Ваш Наш',
  },
  sv: {
    inside:
      'bl.a t.ex d.v.s dvs resp inkl exkl mån tis ons tors lör sön milj ung jur jan feb febr apr jun jul aug sep sept okt nov dec tekn f.n p.g.a m.a.o fil.dr s.k f.d fr.o.m t.o.m m.fl ca kl tel nr st dr prof',
    atEnd: 'osv m.m etc',
  },
  da: {
    inside:
      'bl.a f.eks dvs ca kl tlf nr hr fr dr prof St Skt s.k jf pga inkl ekskl evt alm afd adr m.h.t cand jan feb febr apr jun jul aug sep sept okt nov dec',
    atEnd: 'osv m.m mv kr',
    starters:
      'Jeg Du Han Hun Det Den De Vi I Hvad Hvem Hvornår Hvor Hvordan Er Kan Vil Har Hvis Og Eller Men Ja Nej Tak',
    ordinals: true,
  },
  nb: {
    inside:
      'bl.a f.eks dvs ca kl tlf nr hr fr dr prof St s.k jf pga inkl ekskl evt mill mrd f.o.m t.o.m m.a.o mht dr.med gl jan feb febr apr jun jul aug sep sept okt nov dec',
    atEnd: 'osv m.m mv mva kr',
    starters:
      'Jeg Du Han Hun Det Den De Vi Dere Hva Hvem Når Hvor Hvordan Er Kan Vil Har Hvis Og Eller Men Ja Nei Takk',
    ordinals: true,
  },
  fi: {
    inside: 'esim ns ts mm n klo puh os prof tri St vrt mrd milj yht nyk ent em huom',
    atEnd: 'jne ym yms tms',
    starters:
      'Minä Sinä Hän Se Me Te He Tämä Mikä Mitä Kuka Milloin Missä Miten Onko Voinko Jos Ja Mutta Kyllä Ei Kiitos',
    ordinals: true,
  },
  hu: {
    inside: 'dr Dr prof ifj id özv pl ún kb tel u St pld ill vö lásd ld szerk hrsz',
    atEnd: 'stb Kft Zrt Nyrt Bt Rt',
    starters: 'Én Te Ő Mi Ti Ők Ez Az A Mit Ki Mikor Hol Hogyan Van Ha És De Igen Nem Köszönöm Kérem',
    ordinals: true,
  },
  tr: {
    inside: 'Dr Prof Av Doç Yrd Uzm Sn Sok Cad Mah Apt No Tel bkz örn yy bul yak',
    atEnd: 'vb vs A.Ş Ltd Şti',
    ordinals: true,
  },
  sk: {
    inside:
      'p pí sl MUDr JUDr Ing Mgr Bc PhDr RNDr doc prof sv ul nám tel Tel č čl napr tzn tzv resp t.j tj cca min max tis mil',
    atEnd: 'atď apod s.r.o a.s r.o n.l',
    starters:
      'Ja Ty On Ona My Vy Oni To Ten Tá Čo Kto Kedy Kde Ako Prečo Ak A Ale Áno Nie Ďakujem Prosím V Na Do Pre',
    ordinals: true,
  },
  sl: {
    inside: 'dr mag prof doc inž npr oz tj t.j t.i tel Tel ul št gl str sv g min maks pribl',
    atEnd: 'itd ipd d.o.o d.d s.p',
    starters:
      'Jaz Ti On Ona Mi Vi Oni To Ta Kaj Kdo Kdaj Kje Kako Zakaj Če In Ali Da Ne Hvala Prosim V Na Za',
    ordinals: true,
  },
  hr: {
    inside: 'dr mr prof doc ing dipl npr tzv tj odn sv ul tel Tel br str čl g gđa gđica uklj cca min maks',
    atEnd: 'itd i.sl sl d.o.o d.d j.d.o.o',
    starters:
      'Ja Ti On Ona Mi Vi Oni To Taj Ta Što Tko Kada Gdje Kako Zašto Ako I Ili Ali Da Ne Hvala Molim U Na Za',
    ordinals: true,
  },
  ro: {
    inside:
      'dl dna d-na dlui dvs dr Dr ing prof Prof univ Sf str Str bd Bd nr Nr tel Tel art alin pct ap et bl jud ex de.ex cca',
    atEnd: 'etc ș.a ș.a.m.d S.A S.R.L',
    starters:
      'Eu Tu El Ea Noi Voi Ei Ele Acesta Aceasta Ce Cine Când Unde Cum De Dacă Și Dar Da Nu Mulțumesc În La Pe Pentru',
  },
  ca: {
    inside:
      'Sr Sra Srta Srs Sres Dr Dra Av Avda c pl pg núm tel Tel aprox p.ex pàg St Sta gen febr abr oct nov des',
    atEnd: 'etc S.A S.L a.m p.m',
    starters:
      'Jo Tu Ell Ella Vostè Nosaltres El La Els Les Un Una Això Què Qui Quan On Com Per Si Sí No I O Però Gràcies Hola',
  },
  uk: {
    inside:
      'вул пров просп бул пл буд кв корп тел Тел ім т.зв напр див проф акад доц обл м св коп тис млн млрд',
    atEnd: 'р рр т.д т.п ін грн н.е',
    starters:
      'Я Ти Він Вона Воно Ми Ви Вони Це Цей Що Хто Коли Де Як Чому Якщо І Але Так Ні Дякую Будь У В На Для',
  },
  bg: {
    inside:
      'ул бул пл кв бл вх ет ап тел Тел напр вкл проф акад инж д-р г-н г-жа св т.нар т.е стр чл ал хил млн млрд',
    atEnd: 'др т.н г лв пр под н.е',
    starters:
      'Аз Ти Той Тя То Ние Вие Те Това Този Какво Кой Кога Къде Как Защо Ако И Но Да Не Благодаря Моля В На За',
  },
  el: {
    inside: 'κ κα κος δρ Δρ καθ Αγ αρ οδ λεωφ Λεωφ τηλ Τηλ π.χ δηλ βλ σελ εκατ δισ',
    atEnd: 'κ.λπ κλπ κ.ά μ.μ π.μ Α.Ε Ε.Π.Ε',
    starters:
      'Εγώ Εσύ Αυτός Αυτή Αυτό Εμείς Εσείς Ο Η Το Οι Τα Τι Ποιος Πότε Πού Πώς Γιατί Αν Και Αλλά Ναι Όχι Ευχαριστώ Παρακαλώ',
  },
};

/** Titles and abbreviations that are no words in other languages, whatever the language of the call is. */
export const ALWAYS_INSIDE =
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
