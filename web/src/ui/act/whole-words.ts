import { fill, type LocalizedPair } from '../../words.ts'

/** The words of a button over a whole tab with the number of its rows, which may be bounded as in 1,000+. */
export const wholeWords = ([zh, en]: LocalizedPair, n: string): LocalizedPair => [
  fill(zh, { n }),
  fill(en, { n }),
]
