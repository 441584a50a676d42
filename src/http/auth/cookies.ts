/** The value of a cookie in a `Cookie` header; undefined if it is missing or empty. */
export function cookieIn(header: string | undefined, name: string): string | undefined {
  for (const cookie of (header ?? '').split(';')) {
    const [key, value] = cookie.trim().split('=', 2);
    if (key === name && value) return value;
  }
  return undefined;
}
