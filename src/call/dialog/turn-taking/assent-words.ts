/** What people say while they listen: assent, and signs that they follow. Lower case; words are separated by `|`. */

/** In every language. None that is also a "no", such as "uh-uh" and "mm-mm". */
export const GENERIC_ASSENT =
  'mhm|mhmm|mm-hm|mm-hmm|mm hm|mm hmm|mmhm|mmhmm|m-hm|uh-huh|uh huh|hm|hmm|hmmm|mm|mmm|mh|aha|ah|oh|ok|okay';

/**
 * By language. None that also asks for silence or something else ("thanks", "fine" in Italian, "ya" in Spanish), greets, or starts a
 * sentence of its own ("well", "bueno", "bon").
 */
export const ASSENT: Readonly<Record<string, string>> = {
  en:
    'yes|yeah|yep|yup|yah|right|all right|alright|sure|i see|i understand|understood|got it|gotcha|of course|exactly|absolutely|' +
    'correct|perfect|great|good|very good|sounds good|cool|makes sense|indeed|true',
  de:
    'ja|jaja|jawohl|jo|jep|jap|genau|gut|sehr gut|klar|alles klar|stimmt|richtig|verstehe|ich verstehe|verstanden|ach so|achso|ach ja|' +
    'natürlich|in ordnung|okey|prima|super|passt|perfekt|sicher|freilich|gell',
  es:
    'sí|si|claro|claro que sí|vale|de acuerdo|bien|muy bien|está bien|exacto|entiendo|entendido|ajá|perfecto|correcto|por supuesto|cierto|' +
    'así es|okey|comprendo',
  fr:
    "oui|ouais|ouaip|d'accord|je vois|je comprends|compris|c'est ça|très bien|exact|exactement|parfait|bien sûr|entendu|ça marche|" +
    'tout à fait|absolument|voilà',
  it:
    "sì|si|certo|certamente|va bene|d'accordo|esatto|esattamente|capito|ho capito|capisco|perfetto|giusto|bene|molto bene|" +
    'okey|chiaro|ecco',
  nl:
    'ja|jaja|jep|jazeker|oké|oke|goed|prima|precies|begrepen|ik begrijp het|ik snap het|klopt|inderdaad|zeker|juist|duidelijk|' +
    'natuurlijk|is goed|helder|perfect',
  pt:
    'sim|certo|claro|está bem|está bom|tá|tá bom|tá bem|tá certo|exato|exatamente|perfeito|entendi|entendo|percebi|pois|pois é|' +
    'com certeza|isso|beleza|é|uhum|muito bem',
  pl: 'tak|dobrze|jasne|rozumiem|oczywiście|zgadza się|dokładnie|w porządku|świetnie|okej',
  cs: 'ano|dobře|jasně|rozumím|přesně|v pořádku|jistě|samozřejmě|aha|jo',
  sv: 'ja|jaa|okej|precis|just det|jag förstår|förstår|bra|visst|absolut|självklart',
  da: 'ja|okay|præcis|godt|fint|det er godt|jeg forstår|klart|selvfølgelig',
  nb: 'ja|okei|nettopp|bra|greit|fint|jeg skjønner|skjønner|klart|selvfølgelig|akkurat',
  ru: 'да|угу|ага|ладно|хорошо|понятно|ясно|конечно|понял|поняла|верно|точно|окей',
  uk: 'так|ага|угу|добре|зрозуміло|звичайно|ясно|точно|авжеж',
  tr: 'evet|tamam|peki|anladım|tabii|tabi|elbette|doğru|aynen',
  ja: 'はい|はいはい|うん|うんうん|ええ|そうですか|そうですね|なるほど|わかりました|分かりました|了解です',
  zh: '嗯|嗯嗯|好|好的|好好|是|是的|对|对对|對|對對|明白|明白了|知道了|了解',
  ko: '네|네네|예|응|그래요|그렇군요|알겠습니다|알겠어요|맞아요',
};
