import { encode } from 'uqr'

/** The quiet zone on each side, in modules (ISO/IEC 18004). */
export const qrQuiet = 4

/** Returns the modules of a QR code in rows, without its quiet zone; undefined: there is no text. A quarter of it may be spoiled. */
export function qrOf(text: string): boolean[][] | undefined {
  return text === '' ? undefined : encode(text, { ecc: 'M', border: 0 }).data
}
