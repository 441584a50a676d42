/** The page of recordings, playing one of them from a time on. */
export function recordingAt(name: string, startMs: number): string {
  return `/recordings?${String(new URLSearchParams({ play: name, at: String(Math.floor(startMs)) }))}`;
}

/** The recording that an address of the page names, with the time to play from. */
export function playedIn(search: string): { readonly name: string; readonly startMs: number } | undefined {
  const query = new URLSearchParams(search);
  const name = query.get('play');
  const startMs = Number(query.get('at') ?? 0);
  return name === null ? undefined : { name, startMs: Number.isFinite(startMs) ? Math.max(0, startMs) : 0 };
}
