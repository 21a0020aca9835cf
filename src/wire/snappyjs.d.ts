/** The one function of the untyped package that is used; decompression is our own (`snappy.ts` says why). */
declare module 'snappyjs' {
  /** A plain `Uint8Array` comes back for a plain `Uint8Array`, a `Buffer` for a `Buffer`. */
  export function compress(uncompressed: Uint8Array): Uint8Array;
}
