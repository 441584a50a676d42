declare module 'node-wav' {
  const nodeWav: {
    decode(bytes: Uint8Array): { readonly sampleRate: number; readonly channelData: readonly Float32Array[] };
  };
  export default nodeWav;
}
