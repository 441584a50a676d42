/** The maintained fork declares its types under its own name, not under the one it is installed by. */
declare module 'lamejs' {
  export class Mp3Encoder {
    constructor(channels: number, sampleRateHz: number, kbps: number);
    /** Samples on the scale of 16 bits; they are copied into floats at once, so fractions are welcome. */
    encodeBuffer(left: Int16Array | Float32Array, right?: Int16Array | Float32Array): Int8Array;
    flush(): Int8Array;
  }
}
