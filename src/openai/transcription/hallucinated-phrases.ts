/**
 * Phrases that Whisper models produce for near-silent audio, because they were trained on subtitles: by kind, over words in lower
 * case without punctuation. Lists: https://github.com/openai/whisper/discussions/928, JSchmie/ScrAIbe, PocketShell-io/pocketshell#452,
 * Vexa-ai/vexa#155 and #619, amicalhq/amical#71.
 */

/** Said on telephones too. */
export const EVERYDAY =
  /^(thank you( very much)?|thanks|you|bye( bye)?|okay|ok|so|oh|hm+|yeah|vielen dank|danke|tschüss|merci|gracias|adiós|grazie|obrigad[oa]|bedankt|спасибо|ありがとうございました|谢谢|감사합니다)$/u;

/** The end of a broadcast; a caller may say it at the end of a call. */
export const SIGN_OFFS = [
  /^(i ll |we ll )?see you (all |guys )*(in )?(the )?(next|another) (time|one|week|episode|video|lesson)( bye( bye)?)?$/u,
  /^(we ll be right back|good night everybody)$/u,
  /^bis zum nächsten (mal|video)( tschüss)?$/u,
  /^(à la prochaine|à bientôt pour une nouvelle vidéo)$/u,
  /^(hasta la próxima|nos vemos en el próximo (video|vídeo))$/u,
  /^(alla prossima|ci vediamo (alla|nel) prossim[oa]( volta| video)?)$/u,
  /^(até a próxima|até o próximo vídeo)$/u,
  /^tot de volgende keer$/u,
  /^(до новых встреч|увидимся в следующем видео)$/u,
  /^(다음 (시간|영상|주|비디오)에(서)? (만나요|뵙겠습니다|봬요))$/u,
  /^(また次回|また次の動画で|次の動画でお会いしましょう|それではまた)/u,
  /^(下次再见|我们下期再见|下期再見)$/u,
  /^((большое|всем) )*(спасибо|дякую) за (внимание|увагу)$/u,
  /^(köszönöm a figyelmet|(ďakujem|ďakujeme) za (pozornosť|sledovanie))$/u,
  /^おやすみなさい$/u,
  // Sounds without brackets
  /^((music|musik|musique|música|applause|applaus|applaudissements)( playing)?( (?=\p{L})|$))+$/u,
];

/** Credits, thanks to viewers, and names of stations: callers do not say them. */
export const CREDITS = [
  // Subtitle sites and their authors
  /amara\s?org|soustitreur com|titulky com|opensubtitles|dimatorzok|authorwave|svensktextning|ai media|mooji org/u,
  /^(textning|textat av) (av )?stina hedin/u,
  /^(subs|subtitles?|captions?|closed captions?|captioning|transcription|transcript|translated|translation|subtitled|captioned|transcribed) (by|from|provided by)( |$)/u,
  /^transcript /u,
  /^untertitel(ung)?( im auftrag)?( des| der| von| im|e?)? /u,
  /^sous titr(es?|age) (st |réalisé|fait|créé|par |pour |société|fr |de |tv|fourni|radio)/u,
  /^(sottotitoli|revisione a cura) /u,
  /^(subtítulos|subtitulado) (por|realizados?|hechos?|creados?|de la|en) /u,
  /^(legendas|legendad[oa]|legenda|transcrição e legendas|tradução e legendas) (por |pela |pelo |feitas? |pedro )/u,
  /^(napisy|ondertitel(s|ing|d)|undertexter|undertekster|teksting|danske tekster|tekstitys|titulky|titlovi|altyazı|feliratok|magyarszöveg) /u,
  /^(субтитры|редактор субтитров|корректор|субтитрувальниця|υπότιτλοι|ترجمة نانسي|كتابة)/u,
  /^(字幕|中文字幕|由 .*字幕|자막|한글자막|优优独播剧场|優優獨播劇場|明镜与点点)/u,
  // Thanks to viewers
  /(thanks|thank you)( guys| all)?( so much| very much)? for (your )?(watching|viewing|tuning in|listening to)/u,
  /(vielen dank|danke)( euch)? (fürs|für das|für s) (zuschauen|zusehen|ansehen|anschauen|zuhören)/u,
  /merci d avoir (regardé|visionné|écouté)|merci (de|pour) (votre |l )?(écoute|visionnage)/u,
  /gracias por (ver|haber visto|vernos|mirar)/u,
  /grazie (per|di) (la visione|aver guardato|averci guardato|l ascolto)/u,
  /obrigad[oa] por (assistir|ver|acompanhar)/u,
  /bedankt voor het (kijken|luisteren)/u,
  /(dzięki|dziękuję|dziękujemy) za (oglądanie|obejrzenie|uwagę)/u,
  /(спасибо|дякую|благодарю) за (просмотр|перегляд)/u,
  /(děkuji|děkujeme) za (sledování|pozornost|zhlédnutí)/u,
  /(tack|takk|tak) for(di)? (at )?(ni |du |dere |i )?(tittade|så med|så på|att)/u,
  /(kiitos|kiitoksia) (kun |että )?(katso)/u,
  /köszön(öm|jük) hogy megnézt/u,
  /izlediğiniz için|izledi[gğ]in için/u,
  /شكر(ا|اً|ًا) (على المشاهدة|للمشاهدة)|اشتركوا في القناة/u,
  /(시청|봐)\s?해?\s?주\s?(셔서|신|시느라).*(감사|고맙)/u,
  /ご(視聴|覧|清聴)(いただき)?.*(ありがとう|有難う)/u,
  /(感谢|感謝|谢谢|謝謝)(大家|您|你|各位)?(的)?(观看|觀看|收看|收聽|收听)/u,
  /(terima kasih (telah|sudah|kerana|karena) menonton|cảm ơn (các bạn|quý vị) đã (theo dõi|xem)|देखने के लिए धन्यवाद)/u,
  /^(i )?hope you (enjoyed|liked) (this|the) video/u,
  /^merci d avoir suivi cette vidéo/u,
  /^dank je wel voor het kijken/u,
  /^mulțumesc pentru vizionare/u,
  /ขอบคุณที่รับชม|תודה (רבה )?(על הצפייה|שצפיתם)/u,
  /^(tusen |stort )?tack för att (ni|du) (har )?(tittade|lyssnade|tittat|lyssnat)/u,
  /^(hvala (vam )?(što (pratite|ste (pratili|gledali))|na (gledanju|praćenju))|хвала што пратите)/u,
  /ευχαριστ(ώ|ούμε) (πολύ )?(που (με |μας )?παρακολουθήσατε|για την παρακολούθηση)/u,
  // Calls to subscribe
  /^(like comment and subscribe|if you (enjoyed|liked) this video please (like and )?subscribe)/u,
  /^ставьте лайки/u,
  /유료광고를 포함/u,
  /(欢迎|歡迎|请|請)(大家)?(订阅|訂閱)/u,
  /^(εγγραφείτε στο κανάλι|pretplatite se na kanal|nu uitați să vă abonați|jangan lupa (untuk )?(like|subscribe))/u,
  /^(please |like and |don t forget to |remember to )*subscribe( to (my|the|our) channel)?( and .*)?$/u,
  /subscribe to (my|the|our) channel/u,
  /^(abonnez vous|n oubliez pas de vous abonner|n hésitez pas à vous abonner|abonniert|vergesst nicht zu abonnieren|suscríbete|suscribiros|iscrivetevi|inscreva se|se inscreva)/u,
  /^(подписывайтесь на|не забудьте подписаться|abone ol|subskrybuj|zasubskrybuj|hãy subscribe)/u,
  /(구독|좋아요).*(부탁|눌러|알림|좋아요)|チャンネル登録|高評価|请不吝点赞|請不吝點贊|请订阅|点赞订阅/u,
  /^(продолжение следует)/u,
  // Stations and copyright lines
  /^(mbc|kbs|sbs|ytn|jtbc|tbc|obs|mbn)\s?(뉴스|news)( |$)/u,
  /^(copyright |© ?)?(wdr|swr|ndr|mdr|ard|zdf|br|orf|srf|rtl|arte|tv gelderland|bf watch tv|nos|npo|nrk|svt|fr)( für funk)?( mediagroup gmbh)?( im auftrag des .*)? (19|20)\d\d$/u,
  /^copyright (wdr|swr|zdf|ndr|ard|.* (19|20)\d\d)/u,
  /^(sous titrage|captioning|sous titres).*(radio canada|cbc)/u,
];
