/** The samples of several channels in turn. */
export function interleaved(channels: readonly Int16Array[]): Int16Array {
  const [first] = channels;
  if (first === undefined) return new Int16Array(0);
  const samples = new Int16Array(first.length * channels.length);
  channels.forEach((channel, index) => {
    channel.forEach((sample, at) => (samples[at * channels.length + index] = sample));
  });
  return samples;
}
