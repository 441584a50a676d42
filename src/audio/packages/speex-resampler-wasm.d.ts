declare module '@echogarden/speex-resampler-wasm/simd' {
  /** The C functions of libspeexdsp; `number` arguments named …Pointer are addresses in the module's memory. */
  export interface SpeexModule {
    readonly HEAP16: Int16Array;
    readonly HEAP32: Int32Array;
    _malloc(bytes: number): number;
    _free(pointer: number): void;
    _speex_resampler_init(
      channels: number,
      fromHz: number,
      toHz: number,
      quality: number,
      errorPointer: number,
    ): number;
    _speex_resampler_destroy(state: number): void;
    _speex_resampler_skip_zeros(state: number): number;
    _speex_resampler_reset_mem(state: number): number;
    _speex_resampler_process_interleaved_int(
      state: number,
      inputPointer: number,
      inputFramesPointer: number,
      outputPointer: number,
      outputFramesPointer: number,
    ): number;
  }
  export default function load(): Promise<SpeexModule>;
}
