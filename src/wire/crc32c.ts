const POLYNOMIAL = 0x82f63b78;

let table: Uint32Array | undefined;

/** The checksum with Castagnoli's polynomial, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  table ??= makeTable();
  let sum = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) sum = table[(sum ^ bytes[i]!) & 0xff]! ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}

/** Made at the first use: most processes never need it. */
function makeTable(): Uint32Array {
  const made = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    made[byte] = sum;
  }
  return made;
}
