/** True if two texts have the same words, whatever their case, punctuation, apostrophes and spaces. */
export function sameWords(one: string, other: string): boolean {
  return normalised(one) === normalised(other);
}

/** Compatibility forms, so that full-width letters and ligatures are equal; letters, digits and signs that are spoken remain. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}%€$£¥+@&]/gu, '');
}
