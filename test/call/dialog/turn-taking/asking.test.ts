import { describe, expect, it } from 'vitest';
import { asksForAnswer } from '../../../../src/call/dialog/turn-taking/asking.ts';

describe('asksForAnswer', () => {
  it.each([
    'Is that right?',
    'Say yes to confirm.',
    'To continue, please say yes.',
    'Please confirm your date of birth.',
    'If that suits you, just let me know.',
    'Tell me when you are ready.',
    '"Say yes if you agree."',
    'Sagen Sie bitte Ja.',
    'Bitte bestätigen Sie den Termin.',
    'Wenn das passt, antworten Sie einfach mit Ja.',
    'Diga sí para confirmar.',
    'Si está de acuerdo, por favor confirme.',
    '¿Le parece bien?',
    'Dites oui pour confirmer.',
    'Pour continuer, veuillez répondre par oui.',
    'Dica sì per confermare.',
    'Zeg ja om te bevestigen.',
    'Confirme o endereço, por favor.',
  ])('is true for "%s"', (sentence) => {
    expect(asksForAnswer(sentence)).toBe(true);
  });

  it.each([
    'We are open until six.',
    'They say it will rain tomorrow.',
    'I will confirm your appointment by e-mail.',
    'Sayings of that kind are old.',
    'The answer is in the letter.',
    'Wir bestätigen den Termin per Brief.',
    'Das sagen Sie jedes Mal.',
    'Nous confirmons votre rendez-vous.',
    'El médico confirma la cita mañana.',
    '',
  ])('is false for "%s"', (sentence) => {
    expect(asksForAnswer(sentence)).toBe(false);
  });
});
