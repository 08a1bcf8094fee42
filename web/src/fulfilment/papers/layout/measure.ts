/** How wide text is, without a browser: by classes of characters of common fonts, rather too wide than too narrow. Pure. */

export const mmOfPt = 25.4 / 72
export const lineHeight = 1.3

const narrow = /[ ilIjtfr.,:;|!'()[\]/\\-]/
const wide = /[\u2e80-\ufffd]/
const capital = /[A-Z@%&MWmw]/

/** Returns the width of the text in millimetres. */
export function widthOf(text: string, pt: number, bold = false): number {
  let em = 0
  for (const letter of text)
    em += wide.test(letter) ? 1 : capital.test(letter) ? 0.74 : narrow.test(letter) ? 0.36 : 0.61
  return em * pt * mmOfPt * (bold ? 1.05 : 1)
}

export type Wrapped = { lines: string[]; cut: boolean }

/** Breaks the text into at most `most` lines; what does not fit is cut with an ellipsis. Chinese breaks anywhere, other words at spaces. */
export function wrap(text: string, { width, pt, bold = false, most }: WrapInput): Wrapped {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of paragraph.match(/[\u2e80-\ufffd]|[^\s\u2e80-\ufffd]+|\s+/g) ?? ['']) {
      if (line !== '' && widthOf(line + word.trimEnd(), pt, bold) > width) {
        lines.push(line.trimEnd())
        line = ''
      }
      for (const letter of line === '' ? word.trimStart() : word) {
        if (line !== '' && widthOf(line + letter, pt, bold) > width && letter !== ' ') {
          lines.push(line)
          line = ''
        }
        line += letter
      }
    }
    lines.push(line.trimEnd())
  }
  if (lines.length <= most) return { lines, cut: false }
  const kept = lines.slice(0, most)
  let last = kept.at(-1) ?? ''
  while (last !== '' && widthOf(`${last}…`, pt, bold) > width) last = last.slice(0, -1)
  return { lines: [...kept.slice(0, -1), `${last}…`], cut: true }
}

type WrapInput = { width: number; pt: number; bold?: boolean; most: number }
