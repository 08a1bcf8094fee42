import { yuan } from '../../../server/lib/money-text.ts'
import { changeWords } from '../../../server/reports/figure-rules.ts'
import { changeTone } from '../reports/change-tone.ts'
import { count } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import type { Search } from '../ui/list/search-params.ts'
import { type Say, useSay } from '../words.ts'

/** A report with the documents behind one figure open. */
export const reportTo = (search: Search) => ({
  to: '/reports',
  search: { report: 'sales', open: 'total', ...search },
})

/** Yuan without cents; from ten million in units of ten thousand. The title of the figure has the cents. */
export function shortYuan(fen: number, say: Say): string {
  if (Math.abs(fen) < 1e9) return count(Math.round(fen / 100))
  return say(['{n} 万', '{m} M'], { n: count(Math.round(fen / 1e6)), m: (fen / 1e8).toFixed(1) })
}

/** 5.5%; a dash where there is nothing to divide by. */
export const shareOf = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)}%`

export function SalesFigure(props: {
  label: string
  text: string
  fen?: number
  note: React.ReactNode
  link: { to: string; search: Search }
}) {
  const { label, text, fen, note, link } = props
  return (
    <PageLink {...link} className="sales-figure">
      <span className="t2 small cut">{label}</span>
      <b className="num" title={fen === undefined ? undefined : yuan(fen)}>
        {text}
      </b>
      <span className="t2 small num cut">{note}</span>
    </PageLink>
  )
}

/** A change since the time before, green where it is for the better. */
export function Change(props: { now: number; before: number; words: string; moreIsBad?: boolean }) {
  const { now, before, words, moreIsBad } = props
  const say = useSay()
  const text = say(changeWords({ kind: 'count' }, now, before))
  if (text === '') return say(['没有前期', 'Nothing before'])
  return (
    <>
      <span className={changeTone(now, before, moreIsBad)}>{text}</span> {words}
    </>
  )
}
