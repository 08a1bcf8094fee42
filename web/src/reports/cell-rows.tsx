import { useInfiniteQuery } from '@tanstack/react-query'
import { refundStatusWords, tradeStatusWords } from '../../../server/connectors/words-contract.ts'
import { statusWords } from '../../../server/orders/order/lifecycle.ts'
import type { Dimension, Measure, ReportName } from '../../../server/reports/report-rules.ts'
import { get } from '../api.ts'
import { ShopLabel } from '../intake/cells.tsx'
import { Button } from '../ui/base/button.tsx'
import { LoadError } from '../ui/base/empty.tsx'
import { count, Money, Time } from '../ui/base/figures.tsx'
import { PageLink } from '../ui/base/page-link.tsx'
import { useMe } from '../ui/base/session.ts'
import { useSay } from '../words.ts'
import { linkOfCell, linkOfRow } from './links.ts'
import type { Span } from './spans.ts'
import type { FigureRow, ReportRow } from './types.ts'

export type OpenCell = {
  report: ReportName
  dimension: Dimension
  measure: Measure
  span: Span
  /** The days of the whole report, by which its largest rows were chosen. */
  days: Span
  row: FigureRow | undefined
  /** True: the rows that the table sums up as one. */
  others?: boolean
  shop: string
}

/** The documents behind a cell, the newest first. */
export function CellRows(props: { cell: OpenCell; title: string; figure: string; onClose: () => void }) {
  const say = useSay()
  const { cell, title, figure, onClose } = props
  const { report, dimension, measure, span, days, row, others, shop } = cell
  const me = useMe()
  const asked = {
    report,
    rows: dimension,
    measure: measure.key,
    ...span,
    key: row?.key,
    shop,
    ...(others ? { others: true, by: measure.key, rankedFrom: days.from, rankedTo: days.to } : {}),
  }
  const found = useInfiniteQuery({
    queryKey: ['/reports/rows', asked],
    queryFn: ({ pageParam }) => get('/reports/rows', { ...asked, ...pageParam }),
    initialPageParam: {},
    getNextPageParam: (page) => (page.next === null ? undefined : { after: page.next }),
  })
  const rows = found.data?.pages.flatMap((page) => page.rows) ?? []
  const link = linkOfCell(cell, me?.warehouses === 'all')
  return (
    <section className="report-rows" aria-label={say(['明细', 'Rows'])}>
      <header className="row">
        <b>{title}</b>
        <span className="t2 num">
          {say(measure.words)} {figure}
        </span>
        <span className="row push">
          {link && (
            <PageLink act to={link.to} search={link.search} data-action="open-list">
              {say(['在列表里打开', 'Open in the list'])}
            </PageLink>
          )}
          <Button kind="quiet" size="small" letter="Esc" onClick={onClose}>
            {say(['关闭', 'Close'])}
          </Button>
        </span>
      </header>
      {found.error && <LoadError error={found.error} onRetry={() => void found.refetch()} />}
      <table className="plain-table">
        <tbody>
          {rows.map((each) => (
            <Row key={`${each.kind} ${each.id}`} row={each} />
          ))}
        </tbody>
      </table>
      {found.isSuccess && (
        <footer className="row t2 small">
          {say(['已载入 {n}', 'Loaded {n}'], { n: count(rows.length) })}
          {found.hasNextPage && (
            <Button size="small" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
              {say(['再载入', 'Load more'])}
            </Button>
          )}
        </footer>
      )}
    </section>
  )
}

function Row({ row }: { row: ReportRow }) {
  const say = useSay()
  const link = linkOfRow(row)
  return (
    <tr>
      <td className="num">
        <PageLink to={link.to} search={link.search}>
          {row.no}
        </PageLink>
      </td>
      <td>
        <Time at={row.at} />
      </td>
      <td>
        <ShopLabel id={row.shopId} />
      </td>
      <td className="cut" title={row.about}>
        {row.about}
      </td>
      <td className="right">{say(['{n} 件', '{n} {n|pc|pcs}'], { n: row.quantity })}</td>
      <td className="right">{row.amountFen !== null && <Money fen={row.amountFen} />}</td>
      <td>{say(statusOf(row))}</td>
    </tr>
  )
}

const shipped = ['已发货', 'Shipped'] as const

function statusOf({ kind, status }: ReportRow): readonly [string, string] {
  if (kind === 'delivery') return shipped
  const words: Readonly<Record<string, readonly [string, string] | { zh: string; en: string }>> =
    kind === 'order' ? statusWords : kind === 'trade' ? tradeStatusWords : refundStatusWords
  const found = words[status]
  if (found === undefined) return [status, status]
  return 'zh' in found ? [found.zh, found.en] : found
}
