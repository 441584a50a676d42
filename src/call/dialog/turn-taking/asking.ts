/** The Greek question mark is a semicolon. */
const QUESTION = /[?？؟;]["'”’»)\]]*$/u;

/** How a sentence, or a clause of it, asks for an answer without being a question: "say yes to confirm". By language. */
const REQUESTS = [
  'say|answer|reply|respond|confirm|tell me|let me know|give me|repeat|spell|choose|state|name',
  'sag|sagen sie|antworte|antworten sie|bestätige|bestätigen sie|nenne|nennen sie|wiederholen sie|buchstabieren sie|wählen sie|' +
    'geben sie mir|lassen sie mich wissen|sagen|antworten|bestätigen|nennen|wiederholen|buchstabieren',
  'di|diga|dígame|dime|responda|responde|conteste|contesta|confirme|confirma|repita|deletree|elija|indique|indíqueme|deme|hágame saber',
  'dites|dis|répondez|réponds|confirmez|confirme|répétez|épelez|choisissez|indiquez|donnez-moi|dites-moi|veuillez',
  'dica|di|mi dica|risponda|rispondi|confermi|conferma|ripeta|scelga|indichi|mi dia|mi faccia sapere',
  'zeg|antwoord|bevestig|herhaal|kies|noem|geef|laat me weten',
  'responda|confirme|repita|soletre|escolha|indique|informe|me diga|me avise|diga-me',
].join('|');
/** Words that may stand before: "please just say". */
const POLITE =
  "please|just|now|then|so|simply|bitte|einfach|dann|nun|por favor|ahora|simplemente|s'il vous plaît|simplement|per favore|alsjeblieft|alstublieft|agora";
const REQUEST = new RegExp(
  `(?:^|[,:;–—-])\\s*(?:(?:${POLITE}),?\\s+)*(?:${REQUESTS})(?![\\p{L}\\p{N}])`,
  'iu',
);

/** True if "yes" after this sentence is an answer: it is a question, or a request to say something. */
export function asksForAnswer(sentence: string): boolean {
  return QUESTION.test(sentence) || REQUEST.test(sentence.trim().replace(/^["'“„«¿¡(]+/u, ''));
}
