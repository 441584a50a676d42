/** Base64 for messages. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // In chunks, because the arguments of a call must fit on the stack.
  for (let at = 0; at < bytes.length; at += 8_192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
