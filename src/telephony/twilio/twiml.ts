import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';

export interface StreamAnswer {
  /** wss, absolute, without a query: Twilio strips or refuses one. */
  readonly streamUrl: string;
  /** Asked when the stream ends and the call does not. */
  readonly actionUrl: string;
  /** Told of the stream's beginning, end and failures: the only place that says why a handshake failed. */
  readonly statusCallbackUrl: string;
  readonly token: string;
}

/** Connects the call to our media stream. `<Hangup/>` ends it when we close the stream for good. */
export function connectStream(answer: StreamAnswer): string {
  const response = new VoiceResponse();
  const connect = response.connect({ action: answer.actionUrl, method: 'POST' });
  const stream = connect.stream({
    url: answer.streamUrl,
    statusCallback: answer.statusCallbackUrl,
    statusCallbackMethod: 'POST',
  });
  stream.parameter({ name: 'token', value: answer.token });
  response.hangup();
  return response.toString();
}

export function hangUp(): string {
  const response = new VoiceResponse();
  response.hangup();
  return response.toString();
}

/** Why a caller is not connected. */
export type CallRefusal = 'busy' | 'closing' | 'failed';

/** Speaks a polite refusal and ends the call; Twilio's own voice says it, since no stream is there yet. */
export function refuse(reason: CallRefusal, language: string): string {
  const response = new VoiceResponse();
  const words = REFUSALS[language.slice(0, 2)] ?? ENGLISH;
  response.say({ language: words.spokenAs }, words[reason]);
  response.hangup();
  return response.toString();
}

type SayLanguage = NonNullable<Parameters<VoiceResponse['say']>[0] & object>['language'] & string;

interface Words extends Record<CallRefusal, string> {
  readonly spokenAs: SayLanguage;
}

const ENGLISH: Words = {
  spokenAs: 'en-US',
  busy: 'Thank you for calling. All our lines are busy. Please call again in a few minutes.',
  closing: 'Thank you for calling. We cannot take your call at this moment. Please call again in a minute.',
  failed: 'We are sorry, something went wrong. Please call again.',
};

const REFUSALS: Readonly<Record<string, Words>> = {
  en: ENGLISH,
  de: {
    spokenAs: 'de-DE',
    busy: 'Vielen Dank für Ihren Anruf. Alle Leitungen sind belegt. Bitte rufen Sie in einigen Minuten wieder an.',
    closing:
      'Vielen Dank für Ihren Anruf. Gerade können wir ihn nicht annehmen. Bitte rufen Sie in einer Minute wieder an.',
    failed: 'Es tut uns leid, etwas ist schiefgegangen. Bitte rufen Sie noch einmal an.',
  },
  fr: {
    spokenAs: 'fr-FR',
    busy: 'Merci de votre appel. Toutes nos lignes sont occupées. Veuillez rappeler dans quelques minutes.',
    closing:
      'Merci de votre appel. Nous ne pouvons pas le prendre en ce moment. Veuillez rappeler dans une minute.',
    failed: 'Nous sommes désolés, une erreur est survenue. Veuillez rappeler.',
  },
  es: {
    spokenAs: 'es-ES',
    busy: 'Gracias por llamar. Todas nuestras líneas están ocupadas. Por favor, vuelva a llamar en unos minutos.',
    closing:
      'Gracias por llamar. En este momento no podemos atenderle. Por favor, vuelva a llamar en un minuto.',
    failed: 'Lo sentimos, algo ha salido mal. Por favor, vuelva a llamar.',
  },
  it: {
    spokenAs: 'it-IT',
    busy: 'Grazie per aver chiamato. Tutte le linee sono occupate. La preghiamo di richiamare tra qualche minuto.',
    closing:
      'Grazie per aver chiamato. In questo momento non possiamo rispondere. La preghiamo di richiamare tra un minuto.',
    failed: 'Siamo spiacenti, qualcosa è andato storto. La preghiamo di richiamare.',
  },
  nl: {
    spokenAs: 'nl-NL',
    busy: 'Bedankt voor uw telefoontje. Al onze lijnen zijn bezet. Belt u over enkele minuten terug.',
    closing:
      'Bedankt voor uw telefoontje. We kunnen het op dit moment niet aannemen. Belt u over een minuut terug.',
    failed: 'Het spijt ons, er is iets misgegaan. Belt u alstublieft opnieuw.',
  },
  pt: {
    spokenAs: 'pt-BR',
    busy: 'Obrigado por ligar. Todas as nossas linhas estão ocupadas. Por favor, ligue novamente em alguns minutos.',
    closing: 'Obrigado por ligar. No momento não podemos atender. Por favor, ligue novamente em um minuto.',
    failed: 'Lamentamos, algo deu errado. Por favor, ligue novamente.',
  },
};
