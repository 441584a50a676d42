declare module '@echogarden/fvad-wasm' {
  /** The parts of the emscripten module that users of libfvad need. */
  export interface FvadModule {
    readonly HEAP16: Int16Array;
    _malloc(bytes: number): number;
    _free(address: number): void;
    _fvad_new(): number;
    _fvad_free(handle: number): void;
    _fvad_reset(handle: number): void;
    _fvad_set_mode(handle: number, mode: number): number;
    _fvad_set_sample_rate(handle: number, hz: number): number;
    /** 1: speech, 0: no speech, -1: unsupported frame length. */
    _fvad_process(handle: number, address: number, samples: number): number;
  }
  export default function load(options?: object): Promise<FvadModule>;
}
