/** Words that end a conversation, of all languages; lower case, no punctuation. */

/** They mean a farewell wherever they stand. */
export const FAREWELLS = phrases(
  // English
  'goodbye|good bye|bye(?! the way)|bye bye|byebye|farewell|cheerio|have a (very )?(nice|good|great|lovely|wonderful|pleasant|blessed) (day|evening|night|weekend|afternoon|one|morning|week|rest of your day|time)|' +
    'talk to you (later|soon|then)|speak to you (later|soon)|see you (soon|later|tomorrow|then|around|next time)|take care(?! of)|good night|night night|talk soon|speak soon|ta ra|catch you later|enjoy (your|the rest of your) (day|evening|weekend|week|night)',
  // German
  'auf wiederhören|auf wiederhörn|auf wiedersehen|auf wiedersehn|auf wiederschauen|wiederhören|wiedersehen|tschüss|tschüß|tschüs|tschüssi|tschau|' +
    '(schönen|schöner|schönes) (tag|abend|nachmittag|feierabend|wochenende)( noch)?|gute nacht|macht s gut|mach s gut|machen sie s gut|ade|pfiat di|pfiat eana|uf wiederluege',
  // French
  'au revoir|à bientôt|à la prochaine|à plus tard|à tout à l heure|adieu|bonne (journée|soirée|nuit|fin de journée)|bon week end',
  // Spanish
  'adiós|adios|hasta luego|hasta pronto|hasta mañana|hasta la vista|hasta la próxima|nos vemos|chao|chau|' +
    'cuídate|cuídese|que (tenga|tengas) (un )?(buen|muy buen|lindo|buena|bonito) (día|dia|tarde|noche)|feliz día|que le vaya (muy )?bien|que te vaya (muy )?bien',
  // Italian
  'arrivederci|arrivederla|a presto|ci sentiamo|ciao ciao|grazie ciao|ciao grazie|buona (giornata|serata|notte)|addio|alla prossima',
  // Dutch
  'tot ziens|tot straks|tot later|tot de volgende keer|dag hoor|doei|doeg|houdoe|fijne (dag|avond|middag)( nog)?|prettige (dag|avond)( nog)?',
  // Portuguese
  'tchau|xau|até logo|até breve|até amanhã|até mais|até à próxima|até a próxima|adeus|(tenha )?(um )?bom dia para (si|você)|tenha um (bom|ótimo) dia|' +
    'boa continuação|um bom (dia|resto de dia)',
  // Polish
  'do widzenia|do usłyszenia|do zobaczenia|pa pa|żegnam|na razie|miłego (dnia|wieczoru|popołudnia)|dobranoc',
  // Czech
  'na shledanou|nashledanou|na slyšenou|naslyšenou|sbohem|mějte se|pěkný den|hezký (den|večer|zbytek dne)|dobrou noc',
  // Russian, Ukrainian
  'до свидания|до свиданья|до встречи|до связи|пока пока|всего доброго|всего хорошего|прощайте|хорошего дня|хорошего вечера|удачи|до побачення|гарного дня',
  // Swedish, Danish, Norwegian
  'hej då|hejdå|hej hej|adjö|vi hörs|vi ses|ha det bra|ha det så bra|ha en (bra|trevlig|fin) (dag|kväll)|farvel|vi høres|' +
    '(hav|ha) en (god|fortsat god|fortsatt god|fin) (dag|aften|kveld)|ha det|ha det godt|på gjensyn|på gensyn|god natt|godnat',
  // Finnish
  'näkemiin|kuulemiin|hei hei|moi moi|hyvää (päivänjatkoa|illanjatkoa|päivän jatkoa)|nähdään',
  // Hungarian
  'viszontlátásra|viszlát|viszonthallásra|szia szia|további szép napot|szép napot|legyen szép napja|jó éjszakát',
  // Turkish
  'hoşça kalın|hoşçakalın|hoşça kal|hoşçakal|güle güle|görüşürüz|görüşmek üzere|kendine iyi bak|kendinize iyi bakın|iyi (günler|akşamlar|geceler) dilerim|allahaısmarladık',
  // Romanian, Greek, Arabic, Hebrew
  'la revedere|pe curând|o zi (bună|frumoasă)|αντίο|γεια σας γεια σας|καλή συνέχεια|τα λέμε|مع السلامة|إلى اللقاء|في أمان الله|להתראות',
  // Persian, Urdu, Hindi, Bengali, Marathi, Tamil, Telugu
  'خداحافظ|شب (به خیر|بخیر)|ملتے ہیں|विदा( लेते हैं| लेती हूँ| लेता हूँ)?|خدا حافظ|خدانگهدار|خدا نگهدار|به امید دیدار|روز خوبی داشته باشید|روز خوش|اللہ حافظ|अलविदा|फिर मिलेंगे|फिर मिलते हैं|आपका दिन शुभ हो|' +
    'नमस्ते धन्यवाद|धन्यवाद नमस्ते|বিদায়|আবার দেখা হবে|আল্লাহ হাফেজ|पुन्हा भेटू|போய் வருகிறேன்|போயிட்டு வரேன்|వెళ్ళొస్తాను',
  // Vietnamese, Indonesian, Malay, Filipino, Swahili
  'tạm biệt|hẹn gặp lại|chúc (anh|chị|bạn|ông|bà|quý khách) (một )?ngày (tốt lành|vui vẻ)|' +
    'selamat tinggal|selamat jalan|sampai jumpa( lagi)?|sampai bertemu lagi|sampai nanti|semoga hari (anda|kamu) menyenangkan|jumpa lagi|' +
    'paalam|hanggang sa muli|ingat po|kwaheri|kwa heri|tutaonana',
  // Catalan, Basque, Galician
  'adéu|adeu|adéu siau|fins aviat|fins després|fins demà|a reveure|que (tingui|tinguis) (un )?bon dia|bona nit|agur|gero arte|laster arte|ata (logo|mañá|pronto)',
  // Slovak, Croatian, Bosnian, Serbian, Slovenian, Macedonian, Bulgarian
  'dovidenia|do videnia|dopočutia|do počutia|zbohom|pekný (deň|večer|zvyšok dňa)|dovi|doviđenja|do viđenja|dovidjenja|do slušanja|doslušanja|čujemo se|vidimo se|' +
    'ugodan (dan|ostatak dana)|lijep pozdrav|zbogom|prijatan dan|довиђења|видимо се|na svidenje|nasvidenje|na slišanje|adijo|lep (dan|pozdrav)( še naprej)?|' +
    'довиждане|дочуване|приятен ден|лека нощ|до скоро|всичко хубаво|догледање|пријатен ден',
  // Estonian, Latvian, Lithuanian, Albanian, Icelandic, Irish, Welsh, Maltese, Afrikaans
  'head aega|nägemist|kuulmiseni|kena päeva|uz redzēšanos|visu labu|atā|jauku dienu|viso gero|iki pasimatymo|sudie|geros dienos|mirupafshim|ditën e mirë|' +
    'bless bless|vertu blessaður|vertu blessuð|slán (abhaile|leat|agat)|hwyl fawr|hwyl am y tro|saħħa|tot siens',
  // Georgian, Armenian, Azerbaijani, Kazakh
  'ნახვამდის|ցտեսություն|hələlik|sağ olun hələlik|сау болыңыз|қош болыңыз',
);

/** Without spaces between words they are found anywhere. */
export const UNSPACED_FAREWELLS =
  /さようなら|さよなら|失礼(いた)?します|失礼(いた)?しました|バイバイ|じゃあね|またね|またお電話|再见|再見|拜拜|掰掰|下次再聊|祝您.{0,3}愉快|안녕히\s?(계세요|가세요|계십시오|가십시오)|들어가세요|끊을게요|끊겠습니다|수고하세요|수고하십시오|좋은\s?하루|ลาก่อน|แล้วพบกันใหม่|แล้วเจอกัน|ไว้คุยกัน|ขอวางสาย|ລາກ່ອນ|ພົບກັນໃໝ່|លាហើយ|ជួបគ្នា(ម្តង)?ទៀត|နှုတ်ဆက်ပါတယ်|နောက်မှတွေ့|ག་ལེར་(ཕེབས|བཞུགས)/u;

/** They mean a farewell only at the start of a clause, after words such as "okay, then". */
export const OPENING_FAREWELLS = phrases(
  'see you|see ya|later(?= $)|cheers(?= $)|so long(?= $)|that is all|that s all|that was all|that is it|that s it|that will be all|that ll be all|that s everything(?= (thank you|thanks)? ?$)|i (have|ve got|got) to go(?= (now)? ?$)|i ll let you go(?= (now|then)? ?$)|i m done(?= (thank you|thanks)? ?$)|nothing else|no that s all|no that is all',
  'ich leg(e)? (jetzt )?auf(?= $)|bis (bald|dann|morgen|später|demnächst|nächste woche|gleich|montag|dienstag|mittwoch|donnerstag|freitag)|man hört sich|das war s|das wär s|das war alles|das ist alles|mehr nicht(?= $)|ciao(?= $)|servus(?= $)',
  'à (demain|lundi|mardi|mercredi|jeudi|vendredi|plus)|c est tout|ce sera tout|merci c est tout',
  'eso es todo|es todo|nada más|è tutto|basta così|a domani|tot morgen|dat was het|dat is alles|é tudo|é só isso|só isso|to wszystko|do jutra|to je všechno|это всё|это все|пока(?= $)|' +
    'det var allt|det var alt|det er alt|siinä kaikki|ez minden|ennyi volt|bu kadar|hepsi bu|això és tot|res més|to je všetko|to je sve|to je vse|asta e tot|atât|це все|това е всичко|itu saja|hết rồi|همین بود|बस इतना ही',
);

/** Words before a farewell that is only spoken of: "how do I say goodbye". */
export const SPOKEN_OF =
  / (say|saying|said|says|word|words|means|mean|before|without|not|never|don t|song|called|to|sagen|sagt|sage|heißt|wort|bevor|nicht|dire|dit|mot|avant|decir|dice|dicen|palabra|dire|dice|parola|zeggen|dizer|diz) $/u;

/** Words that may precede an opening farewell. */
export const LEAD_IN =
  /^ ((ok|okay|okey|alright|all right|right|well|so|then|and|thanks|thank you|perfect|great|no|yes|good|fine|gut|also|dann|na|danke|ja|nein|und|super|bon|alors|merci|et|non|oui|bueno|pues|gracias|entonces|no|sí|bene|allora|grazie|dan|dank u|goed|então|obrigado|obrigada|dobrze|dziękuję|tak|dobře|děkuji|ладно|хорошо|спасибо|ну|tack|takk|tak|kiitos|köszönöm|teşekkürler|tamam|gràcies|ďakujem|hvala|mersi|mulțumesc|дякую|благодаря|cảm ơn|terima kasih|baik|oke|धन्यवाद|ठीक है|ممنون|مرسی|باشه|شكرا|aitäh|paldies|ačiū) )*/u;

function phrases(...lists: readonly string[]): RegExp {
  return new RegExp(` (?:${lists.join('|')}) `, 'u');
}
