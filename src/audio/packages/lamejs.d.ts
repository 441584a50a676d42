/** The maintained fork declares its types under its own name, not under its installed alias. */
declare module 'lamejs' {
  export class Mp3Encoder {
    constructor(channels: number, sampleRateHz: number, kbps: number);
    /** Samples on the 16-bit scale; they are converted to floats at once, so fractions are allowed. */
    encodeBuffer(left: Int16Array | Float32Array, right?: Int16Array | Float32Array): Int8Array;
    flush(): Int8Array;
  }
}
