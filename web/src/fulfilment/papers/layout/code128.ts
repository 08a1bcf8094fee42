/**
 * Code 128: the widths of the bars and gaps of each symbol, in modules. The last of the table is the stop symbol.
 * ISO/IEC 15417, annex A.
 */
const symbols = (
  '212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 ' +
  '223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 ' +
  '112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 ' +
  '311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 ' +
  '122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 ' +
  '214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112'
).split(' ')
const [switchC, switchB, startB, startC, stop] = [99, 100, 104, 105, 106]

/**
 * Returns the barcode of a text as widths in modules: bar, gap, bar … Undefined: the text has characters that the code has not. Runs of
 * at least four digits are written two in a symbol, which makes the code shorter.
 */
export function code128(text: string): number[] | undefined {
  if (text === '' || /[^ -~]/.test(text)) return undefined
  const codes: number[] = []
  let inC = false
  for (let at = 0; at < text.length; ) {
    const run = /^\d*/.exec(text.slice(at))?.[0].length ?? 0
    const pairs: boolean = inC
      ? run >= 2
      : text === /^\d\d$/.exec(text)?.[0] || run >= (at === 0 || at + run === text.length ? 4 : 6)
    // An odd run begins with a single digit, so that pairs reach its end.
    const single: boolean = !inC && pairs && run % 2 === 1 && at > 0
    const wantsC: boolean = pairs && !single
    if (codes.length === 0) codes.push(wantsC ? startC : startB)
    else if (wantsC !== inC) codes.push(wantsC ? switchC : switchB)
    inC = wantsC
    codes.push(inC ? Number(text.slice(at, at + 2)) : text.charCodeAt(at) - 32)
    at += inC ? 2 : 1
  }
  const check = codes.reduce((sum, code, at) => sum + code * Math.max(1, at), 0) % 103
  return [...codes, check, stop].flatMap((code) => [...(symbols[code] ?? '')].map(Number))
}

/** The quiet zone on either side, in modules. */
export const quiet = 10
