import type { Language } from '../core/lists/declare-contract.ts'
import type { LocalizedPair } from '../lib/localized-text.ts'
import { plainName } from './deliver.ts'
import { changeWords, figureWords } from './figure-rules.ts'
import { completeUpTo, measureName, type ReportTable, wordIn } from './sheet.ts'

/** A chat shows this many figures and rows; the link leads to the others. */
const most = 5

type Place = { language: Language; link: string; days: number }

/**
 * The lines of a report in a group chat: figures with their change, the largest rows, up to when they are complete if they are not, and a link. A chat has more readers than the user's
 * mailbox, so names of staff are left out.
 */
export function robotLines(table: ReportTable, { language, link, days }: Place): string[] {
  const { measure, sums, dimension } = table
  const say = (words: LocalizedPair) => wordIn(words, language)
  const own = sums.filter((one) => one.measure.key === measure.key)
  const figures = [...own, ...sums.filter((one) => one.measure.key !== measure.key)].slice(0, most)
  const before = say(
    days === 1 ? ['比前 1 天', 'vs the day before'] : [`比前 ${days} 天`, `vs ${days} days before`],
  )
  const figureLines = figures.map(({ measure: each, now, before: then }) => {
    const change = say(changeWords(each, now, then))
    const compared = change === '' ? '' : say([`（${change}）`, ` (${change})`])
    return `${say(each.words)} ${say(figureWords(each, now))}${compared}`
  })
  const rows = dimension === 'person' ? [] : table.rows.slice(0, Math.min(most, table.named))
  const rowLines = rows.map(
    ({ name, values }, at) =>
      `${at + 1}. ${plainName(name)} ${say(figureWords(measure, values.at(-1) ?? null))}`,
  )
  return [
    ...[...figureLines, say([`括号里${before}`, `In brackets: ${before}`])],
    ...(rowLines.length === 0 ? [] : ['', measureName(measure, language), ...rowLines]),
    ...(table.isDue ? ['', completeUpTo(table.at, language)] : []),
    ...['', link],
  ]
}
