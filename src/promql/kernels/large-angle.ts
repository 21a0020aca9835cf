import { exponentOf, mantissaOf } from '../../model/float-bits.ts';

/**
 * An angle as a number of quarters of a turn, up to whole turns, and the rest of at most pi / 4 on either side. For angles so
 * large that digits of 4 / pi matter which no double has: multiplied in whole numbers by those digits only that make the fraction
 * (M. Payne, R. Hanek; K. Ng, "Argument reduction for huge arguments: good to the last bit", 1992).
 *
 * ```
 * 4 / pi     1.0100010111110011000001101101110010011100100010000010101001010011 …
 * digits         dropped: whole turns | 3 before the point, 189 behind it | dropped: too small to count
 * ```
 */
export function reduceLargeAngle(angle: number): { quarters: number; rest: number } {
  const digits = BigInt(mantissaOf(angle) * 2 ** 53);
  // The window's first digit is worth four after the multiplication.
  const start = exponentOf(angle) - 53 + 61;
  const window = (FOUR_OVER_PI >> BigInt(1280 - 192 - start)) & ((1n << 192n) - 1n);
  const product = ((window * digits) >> 64n) & ((1n << 128n) - 1n);
  const eighths = Number(product >> 125n);
  const fraction = fractionOf(product);
  const isPastMiddle = eighths % 2 === 1;
  return {
    quarters: (eighths + (isPastMiddle ? 1 : 0)) / 2,
    rest: (isPastMiddle ? fraction - 1 : fraction) * (Math.PI / 4),
  };
}

/**
 * What `product` has behind the point, 125 digits, cut off after 53 that count. Those beyond the first 64, which only a small
 * fraction needs, are taken from three places too early, as Go does: next to a multiple of pi / 4 the last digits are wrong, and
 * the cosine of 5.319372648326541e255 is off by a thirtieth.
 */
function fractionOf(product: bigint): number {
  const first = (product >> 61n) & DIGITS_64;
  const leadingZeros = 64 - first.toString(2).length;
  const digits = (first << 64n) | (product & DIGITS_64);
  return Number(digits >> BigInt(75 - leadingZeros)) * 2 ** -(leadingZeros + 53);
}

const DIGITS_64 = (1n << 64n) - 1n;
/** 4 / pi with 1216 digits behind the point, 64 before it. */
const FOUR_OVER_PI =
  0x145f306dc9c882a53f84eafa3ea69bb81b6c52b3278872083fca2c757bd778ac36e48dc74849ba5c00c925dd413a32439fc3bd63962534e7dd1046bea5d768909d338e04d68befc827323ac7306a673e93908bf177bf250763ff12fffbc0b301fde5e2316b414da3eda6cfd9e4f96136e9e8c7ecd3cbfd45aea4f758fd7cbe2f67a0e73ef14a525d4d7f6bf623f1aba10ac06608df8f6d757n;
